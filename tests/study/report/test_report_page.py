import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pytest
from made_up import KINDS, NASTY, within

from rarebird.metrics.curves import Gain, PrecisionRecall
from rarebird.study.goal import RankBy
from rarebird.study.report import plots
from rarebird.study.report.render import render, render_inline
from rarebird.study.report.slider import make_slider

VOID = {"meta", "link", "br", "input", "hr", "img"}


class Tree(HTMLParser):
    """What the tests need to know of a page; it fails where tags do not match."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.text, self.problems = [], [], [], []
        self.feed(page)
        self.close()
        if self.open:
            self.problems.append(f"not closed: {self.open}")

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs), tuple(self.open)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs), tuple(self.open)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.text.append(data)

    def all(self, tag):
        return [attrs for name, attrs, _ in self.tags if name == tag]

    def words(self):
        return " ".join(" ".join(self.text).split())


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def tree(pages, kind):
    return Tree(pages[kind])


def test_tags_match_and_ids_are_unique(tree):
    assert tree.problems == []
    ids = [attrs["id"] for _, attrs, _ in tree.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for _, attrs, _ in tree.tags:
        for name in ("aria-labelledby", "aria-describedby", "for"):
            assert attrs.get(name) is None or attrs[name] in ids
        if attrs.get("href", "").startswith("#"):
            assert attrs["href"][1:] in ids


def test_nothing_is_loaded_from_anywhere(pages, tree, kind):
    assert {a["href"] for a in tree.all("link")} == {"data:,"}
    for tag, attrs, _ in tree.tags:
        assert "src" not in attrs
        assert not any(name.startswith("on") for name in attrs)
        if tag == "a":
            assert attrs["href"].startswith("#")
    policy = next(a["content"] for a in tree.all("meta") if "http-equiv" in a)
    assert policy.startswith("default-src 'none'")
    assert "@import" not in pages[kind]
    assert not re.search(r"url\((?!#)", pages[kind])


def test_headings_are_in_order_with_one_at_the_top(tree):
    levels = [int(tag[1]) for tag, _, _ in tree.tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_plots_have_names_and_tables_have_headers(tree, kind):
    plots_found = tree.all("svg")
    assert len(plots_found) >= (1 if kind == "few" else 5)
    for attrs in plots_found:
        assert attrs["role"] == "img"
        assert len(attrs["aria-label"]) > 20
    for attrs in tree.all("th"):
        assert attrs["scope"] in ("col", "row")
    assert len(tree.all("table")) == len(tree.all("caption"))
    for attrs in tree.all("input"):
        assert attrs["id"] in {label.get("for") for label in tree.all("label")}


def test_text_in_plots_is_text_in_the_page_s_font(pages, kind):
    assert "DejaVu" not in pages[kind]
    assert pages[kind].count("<text") > (2 if kind == "few" else 30)


def test_pages_are_small(pages, kind):
    assert len(pages[kind].encode()) < 400_000


def test_headline_is_neither_accuracy_nor_f1(study, kind):
    first = Tree(render_inline(study(kind))).words().lower()
    assert "accuracy" not in first
    assert "f1" not in first


def test_a_large_study_stays_below_the_limit(study):
    report, n = study("treatment"), 60_000
    p, y = [(i + 0.5) / n for i in range(n)], [int(i % 40 == 0) for i in range(n)]
    curve = np.arange(n) / n
    page = render(
        replace(
            report,
            slider=make_slider(p, y, None, threshold=0.5, prior=0.025),
            columns=tuple(replace(report.columns[0], name=f"{'c' * 190} {i}") for i in range(3000)),
            curves=replace(
                report.curves, precision_recall=PrecisionRecall(curve, curve[::-1], curve, curve)
            ),
        )
    )
    assert len(page.encode()) < 1_500_000
    assert "2,600 more columns are not shown" in page


def test_the_same_report_gives_the_same_page(study, pages, kind):
    assert render(study(kind)) == pages[kind]


def test_hostile_names_stay_text(pages):
    page = pages["hostile"]
    tree = Tree(page)
    assert tree.problems == []
    scripts = [attrs.get("type", "") for attrs in tree.all("script")]
    assert scripts == ["application/json", ""]
    assert "<b>" not in page.replace('<b data-out="', "")
    text = tree.words()
    for name in NASTY:
        if "\x00" not in name:
            assert " ".join(name.split()) in text
    assert "49" not in re.findall(r"@0@ (\S+)", text)


def test_hostile_names_leave_matplotlib_s_settings_alone(study):
    import matplotlib

    before = dict(matplotlib.rcParams)
    render(study("hostile"))
    assert dict(matplotlib.rcParams) == before


def test_a_user_s_style_does_not_change_the_page(study, pages):
    import matplotlib

    style = {"axes.facecolor": "black", "xtick.direction": "in", "lines.dash_capstyle": "round"}
    with matplotlib.rc_context(style):
        assert render(study("treatment")) == pages["treatment"]


def test_danger_stands_before_the_verdict(pages):
    text = Tree(pages["baseline"]).words()
    assert text.index("Read this first") < text.index("“refund_code” alone")
    assert text.index("“refund_code” alone") < text.index("Do not use this model yet")
    assert "Read this first" not in Tree(pages["treatment"]).words()


def test_many_dangers_of_one_code_do_not_bury_the_verdict(study):
    assert "And 5 more like this" in Tree(render_inline(study("hostile"))).words()


def test_few_rows_show_what_can_be_seen_and_leave_out_the_model(pages):
    tree = Tree(pages["few"])
    text = tree.words()
    for part in ("What can be seen", "What cannot be learned", "nothing was compared"):
        assert part in text
    ids = {attrs.get("id") for _, attrs, _ in tree.tags}
    assert not ids & {"curves", "explore", "drivers"}


def test_every_class_is_shown(study, pages):
    text = Tree(pages["multiclass"]).words()
    for row in study("multiclass").classes:
        assert row.label in text
    assert "macro, one against the rest" in text
    assert "explore" in {a.get("id") for _, a, _ in Tree(pages["multiclass"]).tags}


def test_the_table_holds_every_candidate_the_baseline_first(study, pages):
    text = Tree(pages["treatment"]).words()
    table = text[text.index("then the largest gain first") :]
    order = ["baseline", "Under-sampling ensemble", "Class weights", "Random under-"]
    places = [table.index(title) for title in order]
    assert places == sorted(places)
    assert "stopped: it would have taken 14 minutes" in table
    assert "dropped after 2 fits: it was behind: on 2 folds its average precision" in table
    for head in ("Difference to the baseline", "Effect of the treatment", "Evidence", "Effort"):
        assert head in text
    assert text.count("proven p = 0.002") == 1 and "harmful" in table
    assert "1 min 7 s" in table.replace("\u00a0", " ")


def test_first_screen_alone_is_a_fragment_without_script(study, kind):
    fragment = render_inline(study(kind))
    tree = Tree(fragment)
    assert tree.problems == []
    assert not {"script", "html", "body"} & {tag for tag, _, _ in tree.tags}
    assert fragment.startswith("<style>")


GONE = {
    "candidates": (), "curves": None, "outcome": None, "slider": None, "importance": (),
    "columns": (),
}  # fmt: skip


@pytest.mark.parametrize("gone", [*([name] for name in GONE), [*GONE]], ids="-".join)
def test_what_a_study_did_not_find_is_left_out(study, gone):
    report = replace(study("treatment"), **{name: GONE[name] for name in gone})
    assert Tree(render(report)).problems == []


@pytest.mark.parametrize(
    "draw",
    [plots.precision_recall, plots.gain, plots.calibration, plots.cost],
    ids=lambda draw: draw.__name__,
)
def test_a_plot_needs_curves_and_no_operating_point(study, draw):
    report = replace(study("treatment"), outcome=None)
    assert draw(report).startswith("<svg")
    assert draw(replace(report, curves=None)) == ""


def test_numbers_may_be_missing(study):
    report, nan = study("treatment"), float("nan")
    rows = tuple(
        replace(
            row,
            value=nan,
            difference=row.difference
            and replace(row.difference, low=nan, high=nan, p_adjusted=nan),
            test_difference=within(nan, nan, nan),
        )
        for row in report.candidates
    )
    first, *rest = report.curves.calibration
    bins = (replace(first, share=within(first.share.value, nan, nan)), *rest)
    curves = replace(report.curves, calibration=bins)
    page = render(replace(report, candidates=rows, curves=curves))
    assert "nan" not in Tree(page).words().lower().split()


@pytest.mark.parametrize("up", [True, False], ids=["score", "loss"])
def test_better_is_at_the_top_and_to_the_right(study, up):
    svg = plots.forest(replace(study("treatment"), goal=RankBy(rank_by="ap" if up else "brier")))
    svg = svg[svg.index("<g") :]  # without the label for those who cannot see it
    top, bottom = svg.index("Under-sampling ensemble"), svg.index("Random under-sampling")
    assert (top < bottom) is up
    ticks = re.findall(r'<text[^>]* x="([\d.]+)"[^>]*>([−\d.]+)</text>', svg)
    assert len(ticks) >= 3
    values = [float(text.replace("−", "-")) for _, text in sorted(ticks, key=lambda t: float(t[0]))]
    assert values == sorted(values, reverse=not up)


def test_a_line_is_drawn_with_few_points_and_keeps_its_shape(study):
    report, x = study("treatment"), np.arange(10_000) / 9999
    curves = replace(report.curves, gain=Gain(x, (x > 0.5).astype(float)))
    paths = re.findall(r' d="([^"]*)"', plots.gain(replace(report, curves=curves)))
    lines = [re.findall(r"[ML] ([-\d.]+) ([-\d.]+)", path) for path in paths]
    across = [line for line in lines if line[:1] == [("54", "246")] and line[-1][0] == "340"]
    drawn = np.array(max(across, key=len), dtype=float)
    assert 4 <= len(drawn) <= 240 and drawn[-1, 1] < 40
    step = int(np.argmax(np.diff(drawn[:, 1]) < -200))  # to the full height in the middle
    np.testing.assert_allclose(drawn[step : step + 2, 0], 197, atol=0.5)
    assert drawn[: step + 1, 1].tolist() == [246] * (step + 1)


def test_differences_on_the_test_set_have_a_column_only_where_there_are_any(study, pages):
    column = 'class="n">Difference on the test set</th>\n<th role="columnheader"'
    assert column in pages["treatment"]
    report = study("baseline")
    rows = tuple(replace(row, test_difference=None) for row in report.candidates)
    assert column not in render(replace(report, candidates=rows))


def test_the_range_of_a_few_shuffles_is_not_called_an_interval(pages):
    section = re.search(r'<section id="drivers".*?</section>', pages["treatment"], re.S)[0]
    assert "least and largest in brackets" in section and "mean of 5 shuffles" in section
    assert "95" not in re.sub(r"<svg.*?</svg>", "", section, flags=re.S)
    assert "+0.210 (+0.190 to +0.230)" in section
