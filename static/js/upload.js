/* Makes an upload form show what was chosen and how far it is. Without this script the form works as plain HTML. */

const READ = ["watched.csv", "ratings.csv", "diary.csv", "reviews.csv", "likes/films.csv"];
const CUT_OFF = "The connection broke before everything had arrived. Your files are still chosen: please try again.";
const FAILED = "Something went wrong on our side. Your files are still chosen: please try again in a few minutes.";
const NO_TABLE = "There is no watched.csv, ratings.csv, diary.csv or reviews.csv in that folder.";
const MB = 1024 * 1024;

attach();

function attach() {
  for (const form of document.querySelectorAll("form[data-upload]")) enhance(form);
}

function enhance(form) {
  const parts = partsOf(form);
  const { zone, input } = parts;
  input.addEventListener("change", () => list(parts));
  for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
    zone.addEventListener(type, () => zone.classList.toggle("is-over", type === "dragenter" || type === "dragover"));
  }
  zone.addEventListener("drop", (event) => take(event, parts));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(parts, event.submitter);
  });
  // The browser's back button may bring the page as it was left: in the middle of an upload.
  addEventListener("pageshow", (event) => { if (event.persisted) rest(parts); });
  list(parts);
}

function partsOf(form) {
  const find = (name) => form.querySelector(`[data-${name}]`);
  const [zone, chosen, problem, submit, progress] = ["zone", "chosen", "problem", "submit", "progress"].map(find);
  const [step, percent, status] = ["step", "percent", "status"].map(find);
  const bar = progress.querySelector("progress");
  const input = form.querySelector("input[type=file]");
  return { form, zone, input, chosen, problem, submit, progress, bar, step, percent, status };
}

/* ── Choosing ─────────────────────────────────────────────────────────────────────────────── */

/* Take what was dropped; of a folder, which Safari makes of the ZIP, the tables that are read. */
async function take(event, parts) {
  event.preventDefault();
  const { items, files } = event.dataTransfer;
  const entries = [...items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) {
    parts.input.files = files;
    return list(parts);
  }
  const found = await Promise.all(entries.map((entry) => (entry.isDirectory ? tablesIn(entry) : fileOf(entry))));
  const transfer = new DataTransfer();
  for (const file of found.flat()) transfer.items.add(file);
  parts.input.files = transfer.files;
  list(parts);
  if (transfer.files.length === 0) complain(parts, NO_TABLE);
}

async function tablesIn(folder) {
  const found = await Promise.all(READ.map((path) => fileAt(folder, path)));
  return found.filter(Boolean);
}

function fileAt(folder, path) {
  return new Promise((resolve) => {
    folder.getFile(path, {}, (entry) => resolve(fileOf(entry)), () => resolve(null));
  });
}

function fileOf(entry) {
  return new Promise((resolve, reject) => { entry.file(resolve, reject); });
}

/* Show the names and sizes of what is chosen, and whether it is too much. */
function list(parts) {
  const files = [...parts.input.files];
  parts.chosen.replaceChildren(...files.map(line));
  parts.chosen.hidden = files.length === 0;
  parts.zone.classList.toggle("is-listed", files.length > 0);
  parts.problem.hidden = true;
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const limit = Number(parts.form.dataset.maxMb);
  if (limit && size > limit * MB) {
    complain(parts, `These are ${sizeOf(size)}, and ${limit} MB is the limit. The ZIP from Letterboxd is far smaller.`);
  }
}

function line(file) {
  const item = document.createElement("li");
  for (const text of [file.name, sizeOf(file.size)]) {
    item.append(Object.assign(document.createElement("span"), { textContent: text }));
  }
  return item;
}

function sizeOf(bytes) {
  return bytes < MB ? `${Math.ceil(bytes / 1024)} kB` : `${(bytes / MB).toFixed(1)} MB`;
}

function complain({ problem }, text) {
  problem.textContent = text;
  problem.hidden = false;
  problem.focus();
}

/* ── Sending ──────────────────────────────────────────────────────────────────────────────── */

function send(parts, submitter) {
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", ({ loaded, total }) => sent(parts, loaded / total));
  request.upload.addEventListener("load", () => reading(parts));
  request.addEventListener("load", () => answered(parts, request));
  request.addEventListener("error", () => stop(parts, CUT_OFF));
  // Not `form.action`: that is the button of this name.
  request.open("POST", parts.form.getAttribute("action") ?? location.href);
  request.responseType = "document";
  request.send(new FormData(parts.form, submitter));
  parts.problem.hidden = true;
  parts.submit.disabled = true;
  parts.progress.hidden = false;
  sent(parts, 0);
}

function sent({ bar, step, percent, status }, part) {
  bar.value = part * 100;
  step.textContent = status.textContent = "Uploading";
  percent.textContent = `${Math.floor(part * 100)} %`;
}

function reading({ bar, step, percent, status }) {
  bar.removeAttribute("value");
  step.textContent = status.textContent = "Reading your films …";
  percent.textContent = "";
}

/* Follow a redirect; of an error show what the server says of it, with the files still chosen. */
function answered(parts, request) {
  if (request.status < 400) return location.assign(request.responseURL);
  const answer = request.response?.querySelector("main");
  if (!answer?.querySelector("form[data-upload]")) return stop(parts, answer ? gist(answer) : FAILED);
  const { files } = parts.input;
  answer.querySelector("form[data-upload] input[type=file]").files = files;
  const first = answer.querySelector("[autofocus]");
  first?.removeAttribute("autofocus");
  document.querySelector("main").replaceWith(document.adoptNode(answer));
  attach();
  document.dispatchEvent(new Event("swapped"));
  first?.focus();
}

/* What an error page says, in one line. */
function gist(page) {
  const said = page.querySelectorAll("h1, h1 ~ p");
  return [...said].map(({ textContent }) => textContent.trim().replace(/([^.?!])$/, "$1.")).join(" ");
}

function stop(parts, text) {
  rest(parts);
  complain(parts, text);
}

function rest({ submit, progress, bar, status }) {
  submit.disabled = false;
  progress.hidden = true;
  bar.value = 0;
  status.textContent = "";
}
