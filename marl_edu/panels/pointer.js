// Where the mouse is over the picture of a panel, as shares of its width and height; and the arrow keys, for those who
// point without a mouse. Sent at most every 60 ms, the newest place only, so that a fast mouse is never behind.

const EVERY = 60; // milliseconds
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

function render({ model, el }) {
  const pad = document.createElement("div");
  pad.className = "marl-pointer";
  pad.tabIndex = 0;
  pad.setAttribute("role", "application");
  const words = document.createElement("span");
  const live = document.createElement("span");
  live.className = "marl-pointer-live";
  live.setAttribute("aria-live", "polite");
  pad.append(words);
  el.append(pad, live);

  let waiting = null;
  let timer = null;
  let sentAt = 0;
  const send = () => {
    timer = null;
    if (waiting === null) return;
    model.send(waiting);
    waiting = null;
    sentAt = Date.now();
  };
  const soon = (message) => {
    if (waiting?.click && !message.click && !message.gone) message = { ...message, click: true }; // no click is lost
    waiting = message;
    if (timer === null) timer = setTimeout(send, Math.max(0, EVERY - (Date.now() - sentAt)));
  };

  // The page swaps the picture's source or even the element: look for it at each event.
  let over = false;
  const place = (event) => {
    const image = event.target.closest?.(".marl-picture");
    if (!image || !root.contains(image)) return null;
    const box = image.getBoundingClientRect();
    const [left, top] = [box.left + image.clientLeft, box.top + image.clientTop];
    return { x: (event.clientX - left) / image.clientWidth, y: (event.clientY - top) / image.clientHeight };
  };
  const onMove = (event) => {
    const found = place(event);
    if (found) soon(found);
    else if (over) soon({ gone: true });
    over = found !== null;
  };
  const onClick = (event) => {
    const found = place(event);
    if (found) soon({ ...found, click: true });
  };
  const onLeave = () => {
    if (over) soon({ gone: true });
    over = false;
  };

  const onKey = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Tab" || event.key === "Escape" || (event.shiftKey && event.key === "Enter")) return;
    event.stopPropagation(); // or the notebook takes single letters as commands
    if (Object.hasOwn(KEYS, event.key)) {
      event.preventDefault();
      model.send({ move: KEYS[event.key] });
    } else if (event.key === "Delete" || event.key === "Backspace") model.send({ gone: true });
  };

  const relabel = () => {
    const says = model.get("says");
    words.textContent = says || model.get("hint");
    pad.classList.toggle("marl-says", says !== "");
    pad.setAttribute("aria-label", "Probe the critic by arrow keys. " + model.get("hint"));
    if (document.activeElement === pad) live.textContent = says;
  };

  let root = null;
  let alive = true;
  const attach = () => {
    root = el.closest(".marl-panel");
    if (root) {
      root.addEventListener("pointermove", onMove);
      root.addEventListener("pointerdown", onClick);
      root.addEventListener("pointerleave", onLeave);
    } else if (alive) requestAnimationFrame(attach);
  };
  attach();
  pad.addEventListener("keydown", onKey);
  model.on("change:says", relabel);
  model.on("change:hint", relabel);
  relabel();
  return () => {
    alive = false;
    clearTimeout(timer);
    root?.removeEventListener("pointermove", onMove);
    root?.removeEventListener("pointerdown", onClick);
    root?.removeEventListener("pointerleave", onLeave);
    model.off("change:says", relabel);
    model.off("change:hint", relabel);
  };
}

export default { render };
