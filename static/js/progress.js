/* Follows the look-up of films: moves the bar, says how long it takes, and fills in the numbers as they come. Without
   this script the page has a link that loads it anew. */

const POLL_MS = 1_000;
const FILL_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;
const STALLED_MS = 30_000;
// The pace is that of the last minute; the server's estimate counts like ten seconds of it, so that nothing jumps.
const WINDOW_MS = 60_000;
const ESTIMATE_MS = 10_000;
// What the page says by TMDB's facts.
const PARTS = ":is(#facts, .fact) > .board > *, #standing, .overview > [id]";

const box = document.querySelector("[data-lookup]");
const [text, rest, end, said] = ["text", "rest", "end", "said"].map((name) => box.querySelector(`[data-${name}]`));
const bar = box.querySelector("progress");
const estimated = (bar.max - bar.value) / (Math.max(Number(box.dataset.seconds), 1) * 1_000);

let etag = "";
let pause = POLL_MS;
let timer = 0;
let isAsking = false;
let isOver = false;
let latest = { status: "enriching", enriched_count: bar.value, total_movies: bar.max };
let samples = [{ at: performance.now(), count: bar.value }];
let movedAt = performance.now();
let filledAt = performance.now();
let filledCount = bar.value;

timer = setTimeout(follow, POLL_MS);
document.addEventListener("visibilitychange", () => {
  clearTimeout(timer);
  if (!document.hidden) follow();
});

/* Ask once, show what came, and come back: later when something is wrong, not at all once it is over or hidden. */
async function follow() {
  if (isAsking || isOver || document.hidden) return;
  isAsking = true;
  try {
    await ask();
    show();
    await fillIfTime();
    pause = POLL_MS;
  } catch {
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  } finally {
    isAsking = false;
  }
  if (!isOver) timer = setTimeout(follow, pause);
}

async function ask() {
  const answer = await fetch(box.dataset.lookup, { headers: etag ? { "If-None-Match": etag } : {} });
  if (answer.status === 304) return;
  if (answer.status === 404) location.reload(); // deleted meanwhile: the page says so
  if (!answer.ok) throw new Error(answer.status);
  latest = await answer.json();
  etag = answer.headers.get("ETag");
}

/* ── The bar ──────────────────────────────────────────────────────────────────────────────── */

function show() {
  const { enriched_count: count, total_movies: total } = latest;
  const now = performance.now();
  if (count !== samples.at(-1).count) movedAt = now;
  samples.push({ at: now, count });
  while (samples.length > 2 && samples[1].at < now - WINDOW_MS) samples.shift();
  const quarter = Math.floor((4 * bar.value) / bar.max);
  Object.assign(bar, { max: total, value: count });
  write(text, `${count.toLocaleString("en")} of ${counted(total, "film")} looked up`);
  write(rest, now - movedAt > STALLED_MS ? "waiting for TMDB" : left(secondsLeft(now)));
  // Those who hear the page are told at each quarter, not each second.
  if (Math.floor((4 * count) / total) > quarter) write(said, text.textContent);
}

function secondsLeft(now) {
  const [first, last] = [samples[0], samples.at(-1)];
  const pace = (estimated * ESTIMATE_MS + last.count - first.count) / (ESTIMATE_MS + now - first.at);
  return pace > 0 ? (latest.total_movies - last.count) / pace / 1_000 : Infinity;
}

function left(seconds) {
  if (seconds < 10) return "a few seconds left";
  if (seconds <= 50) return `about ${Math.ceil(seconds / 10) * 10} seconds left`;
  if (!Number.isFinite(seconds)) return "waiting for TMDB";
  return `about ${counted(Math.max(Math.round(seconds / 60), 1), "minute")} left`;
}

function counted(number, thing) {
  return `${number.toLocaleString("en")} ${thing}${number === 1 ? "" : "s"}`;
}

function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

/* ── The numbers ──────────────────────────────────────────────────────────────────────────── */

async function fillIfTime() {
  const isLast = latest.status !== "enriching";
  const isTime = performance.now() - filledAt >= FILL_MS && latest.enriched_count !== filledCount;
  if (!isLast && !isTime) return;
  await fill();
  [filledAt, filledCount, isOver] = [performance.now(), latest.enriched_count, isLast];
  if (!isOver) return;
  box.classList.add("ended");
  rest.hidden = true;
  end.hidden = false;
}

/* Put what the server now says in the place of what is shown; each part has its room, so nothing moves. */
async function fill() {
  const answer = await fetch(location.href);
  if (!answer.ok) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll(PARTS)) {
    const fresh = page.getElementById(part.id);
    part.classList.toggle("gone", !fresh);
    if (fresh && !fresh.isEqualNode(part)) replace(part, document.adoptNode(fresh));
  }
}

/* What is unfolded stays so, and what has the focus keeps it. */
function replace(part, fresh) {
  const [folds, freshFolds] = [part, fresh].map((each) => each.querySelectorAll("details"));
  freshFolds.forEach((fold, index) => { fold.open = folds[index]?.open ?? false; });
  const [stops, freshStops] = [part, fresh].map((each) => [...each.querySelectorAll("summary, [tabindex]")]);
  const focused = stops.indexOf(document.activeElement);
  const url = part.contains(document.activeElement) && document.activeElement.getAttribute("href");
  part.replaceWith(fresh);
  const twin = url ? fresh.querySelector(`[href="${CSS.escape(url)}"]`) : freshStops[focused];
  twin?.focus({ preventScroll: true });
}
