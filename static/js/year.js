// Shows in the row of dots which scene is on, and lets the keys ← and → lead to the scenes beside it.
// Without this script the dots are links all the same.

const dots = [...document.querySelectorAll(".scenes a")];
const scenes = dots.map((dot) => document.querySelector(dot.hash));
let shown = -1;

function show(index) {
  if (index === shown) return;
  dots[shown]?.removeAttribute("aria-current");
  dots[index]?.setAttribute("aria-current", "true");
  shown = index;
}

const onScreen = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) if (entry.isIntersecting) show(scenes.indexOf(entry.target));
    if (scrollY < innerHeight / 2) show(-1);
  },
  { rootMargin: "-50% 0px -50% 0px" },
);
for (const scene of scenes) onScreen.observe(scene);

document.addEventListener("keydown", (event) => {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  // Pictures and tables that have the focus read these keys themselves.
  if (!by || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.target.closest("[tabindex]:not(main)")) return;
  const next = shown + by;
  if (next < -1 || next >= scenes.length) return;
  event.preventDefault();
  show(next);
  (scenes[next] ?? document.querySelector(".review")).scrollIntoView();
});
