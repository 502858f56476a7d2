// Shows the value of a bar, a day or a country beside it, at once: for fingers and keys too, which see no tooltip.
// Without this script the browser's own tooltips and the tables say the same; the links are links either way.

const label = document.createElement("div");
label.className = "value-label";
label.setAttribute("aria-hidden", "true");
label.hidden = true;
document.body.append(label);

let shown = null;

function show(shape) {
  if (shape === shown) return;
  hide();
  const title = shape.querySelector("title");
  if (title) {
    // The browser's tooltip would say it a second time; those who hear the page still have it.
    shape.setAttribute("aria-label", title.textContent);
    title.remove();
  }
  shown = shape;
  shape.classList.add("shown");
  label.textContent = shape.getAttribute("aria-label");
  label.hidden = false;
  const box = shape.getBoundingClientRect();
  const left = box.left + box.width / 2 - label.offsetWidth / 2;
  const widest = document.documentElement.clientWidth - label.offsetWidth - 8;
  label.style.left = `${window.scrollX + Math.max(8, Math.min(left, widest))}px`;
  // Above the number that stands on a bar.
  const room = shape.closest(".chart") ? 24 : 8;
  label.style.top = `${window.scrollY + box.top - label.offsetHeight - room}px`;
}

function hide() {
  shown?.classList.remove("shown");
  shown = null;
  label.hidden = true;
}

// Bars go from left to right, days month by month and line by line.
function shapesOf(picture) {
  const months = [...picture.querySelectorAll("figure")];
  const place = (shape) => {
    const box = shape.getBBox();
    return months.length ? months.indexOf(shape.closest("figure")) * 1e6 + box.y * 1e3 + box.x : box.x;
  };
  return [...picture.querySelectorAll("svg g > a")].sort((a, b) => place(a) - place(b));
}

function step(picture, by) {
  const shapes = shapesOf(picture);
  const last = shapes.length - 1;
  const at = shapes.indexOf(shown) < 0 ? (by > 0 ? -1 : last + 1) : shapes.indexOf(shown);
  if (last >= 0) show(shapes[Math.max(0, Math.min(at + by, last))]);
}

for (const picture of document.querySelectorAll(".chart, .months")) {
  // Of many shapes the keys find the picture, and arrows go through it; of few they find each.
  if (picture.querySelector("svg[aria-hidden] g > a")) picture.setAttribute("tabindex", "0");
  picture.addEventListener("pointerover", (event) => {
    const shape = event.target.closest("g > a");
    if (shape) show(shape);
  });
  picture.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse") hide();
  });
  picture.addEventListener("focusin", (event) => {
    const shape = event.target.closest("g > a");
    if (shape) show(shape);
  });
  picture.addEventListener("focusout", hide);
  picture.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by && event.target === picture) {
      event.preventDefault();
      step(picture, by);
    } else if (event.key === "Enter" && event.target === picture && shown) {
      location.assign(shown.href.baseVal);
    } else if (event.key === "Escape") {
      hide();
    }
  });
}
