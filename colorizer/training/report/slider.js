
// One sheet of samples at a time, under a slider. Without this script the first and the last are shown, others folded.
const place = document.getElementById("sheets");
const figures = place ? [...place.querySelectorAll("figure")] : [];
figures.sort((a, b) => Number(a.dataset.seen) - Number(b.dataset.seen));
if (figures.length > 2) {
  const label = document.createElement("label");
  const slider = document.createElement("input");
  label.className = "slider";
  label.append("Pictures seen", slider);
  Object.assign(slider, { type: "range", min: 0, max: figures.length - 1, value: figures.length - 1 });
  place.replaceChildren(label, ...figures);
  const show = () => {
    figures.forEach((figure, i) => { figure.hidden = i !== slider.valueAsNumber; });
    slider.setAttribute("aria-valuetext", figures[slider.valueAsNumber].dataset.says);
  };
  slider.addEventListener("input", show);
  show();
}
