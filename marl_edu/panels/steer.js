// A stick: arrow keys, the pointer on the picture, or buttons say with what force an agent is pushed. It tells the kernel
// what is held, never how long: the kernel keeps the time, and what is held ends here with the key, the focus or the page.

const DIRECTIONS = {
  "up left": ["↖", -1, 1], up: ["↑", 0, 1], "up right": ["↗", 1, 1],
  left: ["←", -1, 0], none: ["•", 0, 0], right: ["→", 1, 0],
  "down left": ["↙", -1, -1], down: ["↓", 0, -1], "down right": ["↘", 1, -1],
};
const KEYS = {
  ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right", w: "up", s: "down", a: "left", d: "right",
};

const own = (event) => {
  // keys that the focused thing needs itself: a slider its arrows, a button Enter and the space bar
  const target = event.target;
  if (target.closest(".noUi-handle")) return /^(Arrow|Home|End|Page)/.test(event.key);
  if (target.closest("input, textarea, select")) return true;
  return target.closest("button") && (event.key === "Enter" || event.key === " ");
};

function render({ model, el }) {
  const box = document.createElement("div");
  box.className = "marl-stick";
  const keys = document.createElement("div");
  keys.className = "marl-stick-keys";
  keys.setAttribute("role", "group");
  keys.setAttribute("aria-label", "push your agent");
  const pad = document.createElement("div");
  pad.className = "marl-pad";
  pad.tabIndex = 0;
  pad.setAttribute("role", "application");
  const live = document.createElement("span");
  live.className = "marl-pad-live";
  live.setAttribute("aria-live", "polite");
  box.append(keys, pad);
  el.append(box, live);

  const turnwise = () => model.get("pace") === "step by step";
  const down = new Set(); // directions whose keys are down, in the order in which they were pressed
  let button = null; // the direction whose button is held
  let aim = null; // where the pointer is held, in the plane
  let said = "";

  const tell = (message) => {
    try {
      model.send(message);
    } catch {
      // the kernel or the panel is gone: there is nobody to tell
    }
  };
  const force = () => {
    if (button) return DIRECTIONS[button].slice(1);
    const sum = [0, 0];
    for (const name of down) [1, 2].forEach((part) => (sum[part - 1] += DIRECTIONS[name][part]));
    return sum.map((part) => Math.max(-1, Math.min(1, part)));
  };
  const now = () => (aim ? { target: aim } : { force: force() });
  const show = () => {
    const held = aim ? null : force();
    for (const each of keys.children) {
      const [, x, y] = DIRECTIONS[each.dataset.way];
      const lit = held && (x || y) && held[0] === x && held[1] === y;
      each.classList.toggle("marl-held", Boolean(lit));
    }
  };
  const changed = () => {
    show();
    const held = JSON.stringify(now());
    if (held === said || turnwise()) return;
    said = held;
    tell({ hold: now() });
  };
  const press = (wanted) => tell({ press: wanted, at: model.get("at") });
  const release = () => {
    down.clear();
    button = aim = null;
    changed();
  };

  for (const [name, [sign]] of Object.entries(DIRECTIONS)) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = sign;
    made.dataset.way = name;
    const words = name === "none" ? "no force" : "push " + name;
    made.title = words;
    made.setAttribute("aria-label", words);
    const hold = (event) => {
      if (turnwise()) return;
      button = name;
      if (event.pointerId !== undefined) made.setPointerCapture(event.pointerId);
      changed();
    };
    const letGo = () => {
      button = null;
      changed();
    };
    made.addEventListener("pointerdown", hold);
    for (const end of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) made.addEventListener(end, letGo);
    made.addEventListener("keydown", (event) => {
      if ((event.key === "Enter" || event.key === " ") && !event.repeat) hold(event);
    });
    made.addEventListener("keyup", letGo);
    made.addEventListener("click", () => turnwise() && press({ force: DIRECTIONS[name].slice(1) }));
    keys.append(made);
  }

  const relabel = () => {
    const hint = model.get("hint");
    pad.textContent = (document.activeElement === pad ? "" : "click here or on the picture, then ") + hint;
    pad.setAttribute("aria-label", "Steer by keys: " + hint);
  };
  const speak = () => {
    live.textContent = model.get("says");
  };
  const onKey = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Tab" || event.key === "Escape" || (event.shiftKey && event.key === "Enter")) return;
    event.stopPropagation();
    if (own(event)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const way = Object.hasOwn(KEYS, key) ? KEYS[key] : null;
    if (way || key === " ") event.preventDefault();
    if (event.repeat) return;
    if (way) {
      down.add(way);
      changed();
      if (turnwise()) press({ force: force() });
    } else if (key === " ") turnwise() ? press({ force: [0, 0] }) : tell({ start: true });
  };
  const onKeyUp = (event) => {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (Object.hasOwn(KEYS, key) && down.delete(KEYS[key])) changed();
  };

  const place = (event, image) => {
    const [left, right, top, bottom] = model.get("window");
    const box = image.getBoundingClientRect(); // with a border, which is no part of the picture
    const x = ((event.clientX - box.left - image.clientLeft) / image.clientWidth - left) / (right - left);
    const y = ((event.clientY - box.top - image.clientTop) / image.clientHeight - top) / (bottom - top);
    const inside = (part) => Math.max(-1, Math.min(1, part));
    return [inside(2 * x - 1) * model.get("reach"), inside(1 - 2 * y) * model.get("reach")];
  };
  const onDown = (event) => {
    const image = event.target.closest(".marl-picture");
    if (!image || event.button !== 0) return;
    event.preventDefault();
    pad.focus({ preventScroll: true });
    if (turnwise()) return press({ target: place(event, image) });
    image.setPointerCapture(event.pointerId);
    aim = place(event, image);
    changed();
  };
  const onMove = (event) => {
    const image = aim && event.target.closest(".marl-picture");
    if (!image) return;
    aim = place(event, image);
    changed();
  };
  const onUp = () => {
    if (!aim) return;
    aim = null;
    changed();
  };
  const onFocusOut = (event) => {
    if (!root.contains(event.relatedTarget)) release();
  };
  const away = () => {
    release();
    tell({ away: true });
  };
  const onVisibility = () => document.hidden && away();
  const seen = () => tell({ seen: model.get("at") });

  const inRoot = {
    keydown: onKey, pointerdown: onDown, pointermove: onMove, pointerup: onUp, pointercancel: onUp,
    lostpointercapture: onUp, focusout: onFocusOut,
  };
  const inWindow = { keyup: onKeyUp, blur: release, pagehide: away };
  const ofModel = { "change:hint": relabel, "change:says": speak, "change:round": release, "change:at": seen };
  let root = null;
  let waiting = true;
  const attach = () => {
    root = el.closest(".marl-steer");
    if (root) for (const [name, does] of Object.entries(inRoot)) root.addEventListener(name, does);
    else if (waiting) requestAnimationFrame(attach);
  };
  attach();
  for (const [name, does] of Object.entries(inWindow)) window.addEventListener(name, does);
  for (const [name, does] of Object.entries(ofModel)) model.on(name, does);
  document.addEventListener("visibilitychange", onVisibility);
  pad.addEventListener("focus", relabel);
  pad.addEventListener("blur", relabel);
  relabel();
  speak();
  seen();
  return () => {
    waiting = false;
    away();
    for (const [name, does] of Object.entries(inRoot)) root?.removeEventListener(name, does);
    for (const [name, does] of Object.entries(inWindow)) window.removeEventListener(name, does);
    for (const [name, does] of Object.entries(ofModel)) model.off(name, does);
    document.removeEventListener("visibilitychange", onVisibility);
  };
}

export default { render };
