"use strict";
(function () {
  var holder = document.getElementById("scores");
  var opened = [];
  addEventListener("beforeprint", function () {  // paper cannot be clicked
    opened = Array.from(document.querySelectorAll("details:not([open])"));
    opened.forEach(function (d) { d.open = true; });
  });
  addEventListener("afterprint", function () {
    opened.forEach(function (d) { d.open = false; });
  });
  if (!holder) { return; }
  var choices = JSON.parse(holder.textContent);  // one, or one for each class
  var by = function (id) { return document.getElementById(id); };
  var threshold = by("threshold"), prior = by("prior"), reset = by("reset");
  var data, n, found, false_, state;

  function choose(chosen) {
    data = chosen;
    n = data.p.length;
    // found[i] and false_[i]: weight of rare and of common rows at place i and above
    found = new Float64Array(n + 1);
    false_ = new Float64Array(n + 1);
    for (var i = n - 1; i >= 0; i -= 1) {
      found[i] = found[i + 1] + data.positive[i];
      false_[i] = false_[i + 1] + data.negative[i];
    }
    if (data.label !== undefined) { show("class", data.label); }
  }

  function logit(p) { return Math.log(p / (1 - p)); }
  function expit(z) { return 1 / (1 + Math.exp(-z)); }
  function at(ends, input) { return expit(ends[0] + (ends[1] - ends[0]) * input.value / input.max); }
  function place(ends, p, input) {
    return Math.round((logit(p) - ends[0]) / (ends[1] - ends[0]) * input.max);
  }
  function first(cut) {  // the first place whose score is not below the cut
    var low = 0, high = n, middle;
    while (low < high) {
      middle = (low + high) >> 1;
      if (data.p[middle] < cut) { low = middle + 1; } else { high = middle; }
    }
    return low;
  }

  function number(x) {
    if (!isFinite(x)) { return "–"; }
    var size = Math.abs(x);
    if (size === 0) { return "0"; }
    var digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 :
      Math.min(2 - Math.floor(Math.log10(size)), 8);
    return x.toLocaleString("en-US", {minimumFractionDigits: digits, maximumFractionDigits: digits});
  }
  function percent(x) { return isFinite(x) ? number(x * 100) + "%" : "–"; }
  function show(name, text) {
    document.querySelectorAll('[data-out="' + name + '"]').forEach(function (e) {
      e.textContent = text;
    });
  }
  function fill(name, share) {
    var e = document.querySelector('[data-bar="' + name + '"]');
    e.style.width = (isFinite(share) ? share * 100 : 0) + "%";
  }

  function update() {
    // With another prior the odds of every score change by one factor, so the cut moves instead.
    var shift = state.prior === data.prior ? 0 : logit(state.prior) - logit(data.prior);
    var cut = shift === 0 ? state.threshold : expit(logit(state.threshold) - shift);
    var k = first(cut);
    var tp = 1000 * state.prior * found[k] / found[0];
    var fp = 1000 * (1 - state.prior) * false_[k] / false_[0];
    var fn = 1000 * state.prior - tp, tn = 1000 * (1 - state.prior) - fp;
    fn = Math.max(fn, 0); tn = Math.max(tn, 0);
    var recall = found[k] / found[0], precision = tp / (tp + fp);
    show("tp", number(tp)); show("fp", number(fp)); show("fn", number(fn)); show("tn", number(tn));
    show("recall", percent(recall)); show("precision", percent(precision));
    show("alerts", number(tp + fp));
    if (data.costs) { show("cost", number(data.costs.fp * fp + data.costs.fn * fn)); }
    fill("recall", recall); fill("precision", precision);
    by("threshold-text").textContent = percent(state.threshold);
    by("prior-text").textContent = percent(state.prior);
    threshold.setAttribute("aria-valuetext", percent(state.threshold));
    prior.setAttribute("aria-valuetext", percent(state.prior));
    reset.disabled = state.threshold === data.threshold && state.prior === data.prior;
    return "Recall " + percent(recall) + ", precision " + percent(precision) + ", " +
      number(tp + fp) + " alerts per 1,000 rows.";
  }
  function speak(text) { by("spoken").textContent = text; }
  function restart() {
    state = {threshold: data.threshold, prior: data.prior};
    threshold.value = place(data.ends.threshold, data.threshold, threshold);
    prior.value = place(data.ends.prior, data.prior, prior);
    return update();
  }

  threshold.addEventListener("input", function () {
    state.threshold = at(data.ends.threshold, threshold);
    update();
  });
  prior.addEventListener("input", function () {
    state.prior = at(data.ends.prior, prior);
    update();
  });
  [threshold, prior].forEach(function (input) {
    input.addEventListener("change", function () { speak(update()); });
  });
  reset.addEventListener("click", function () { speak(restart()); });
  if (by("class")) {
    by("class").addEventListener("change", function () {
      choose(choices[by("class").value]);
      speak(restart());
    });
  }
  choose(choices[0]);
  restart();
  by("panel").hidden = false;
}());
