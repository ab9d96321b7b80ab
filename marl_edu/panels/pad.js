// A place that takes the keys of a game. While the focus is anywhere in its panel, keys that mean an action act at once,
// and none of them reaches the notebook, where single letters delete or insert cells.

const own = (event) => {
  // keys that the focused thing needs itself: a slider its arrows, a button Enter and the space bar
  const target = event.target;
  if (target.closest(".noUi-handle")) return /^(Arrow|Home|End|Page)/.test(event.key);
  if (target.closest("input, textarea, select")) return true;
  return target.closest("button") && (event.key === "Enter" || event.key === " ");
};

function render({ model, el }) {
  const pad = document.createElement("div");
  pad.className = "marl-pad";
  pad.tabIndex = 0;
  pad.setAttribute("role", "application");
  const hint = document.createElement("span");
  const live = document.createElement("span");
  live.className = "marl-pad-live";
  live.setAttribute("aria-live", "polite");
  pad.append(hint);
  el.append(pad, live);

  const relabel = () => {
    const focused = document.activeElement === pad;
    hint.textContent = (focused ? "keys: " : "click here, then ") + model.get("hint");
    pad.setAttribute("aria-label", "Play by keys: " + model.get("hint"));
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
    const means = Object.hasOwn(model.get("meanings"), key);
    if (means || event.key.startsWith("Arrow") || (event.key === " " && event.target === pad)) event.preventDefault();
    if (means && !event.repeat) model.send({ key });
  };

  // a click on the picture means: I want to play
  const onClick = (event) => {
    if (event.target.closest(".marl-picture")) pad.focus({ preventScroll: true });
  };

  let root = null;
  const attach = () => {
    root = el.closest(".marl-play");
    if (root) {
      root.addEventListener("keydown", onKey);
      root.addEventListener("click", onClick);
    } else if (waiting) requestAnimationFrame(attach);
  };
  let waiting = true;
  attach();
  pad.addEventListener("focus", relabel);
  pad.addEventListener("blur", relabel);
  model.on("change:hint", relabel);
  model.on("change:says", speak);
  relabel();
  return () => {
    waiting = false;
    root?.removeEventListener("keydown", onKey);
    root?.removeEventListener("click", onClick);
    model.off("change:hint", relabel);
    model.off("change:says", speak);
  };
}

export default { render };
