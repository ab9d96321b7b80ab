// The page's half of a guess: a curve or a marker is drawn over a picture of empty axes, by pointer or by keys.
// What is drawn stays in the page until a button is pressed; then it travels in the same message as the button.

const INK = "#8e5bc4";
const KNOTS = 21;

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

function words(axis, value) {
  const text = value.toLocaleString("en-US", { maximumFractionDigits: axis.decimals });
  return (text === "-0" ? "0" : text).replace("-", "\u2212");
}

/** What is drawn, as a curve from end to end: straight across gaps, flat at the ends; null if there is nothing. */
function completed(values) {
  const known = values.map((v, i) => i).filter((i) => values[i] !== null);
  if (!known.length) return null;
  let k = 0;
  return values.map((_, i) => {
    while (k + 1 < known.length && known[k + 1] <= i) k += 1;
    const [a, b] = [known[k], known[Math.min(k + 1, known.length - 1)]];
    if (i <= a || a === b) return values[a];
    return values[a] + ((values[b] - values[a]) * (i - a)) / (b - a);
  });
}

function element(tag, name, parent, properties = {}) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  Object.assign(made, properties);
  parent?.append(made);
  return made;
}

class View {
  constructor(model, el) {
    this.model = model;
    this.geometry = model.get("geometry");
    this.marker = model.get("mode") === "marker";
    this.values = [...model.get("values")];
    this.last = null; // where the pointer was
    this.knot = 0;
    this.build(el);
    this.listen();
    this.refresh();
  }

  build(el) {
    const { width, height, box } = this.geometry;
    // Keys pressed in here are ours: JupyterLab must not take the arrows for moves between cells.
    const root = element("div", "", el);
    root.setAttribute("data-lm-suppress-shortcuts", "true");
    element("div", "marl-question", root, { textContent: this.model.get("question") });
    this.paper = element("div", "marl-paper", root);
    Object.assign(this.paper.style, { width: `${width}px`, aspectRatio: `${width} / ${height}` });
    this.paper.dataset.axes = JSON.stringify([...box, width, height]); // where the axes are, for tests
    element("img", "", this.paper, { src: this.model.get("picture"), alt: this.model.get("alt"), draggable: false });
    this.canvas = element("canvas", "marl-canvas", this.paper, { tabIndex: 0 });
    this.canvas.setAttribute("role", this.marker ? "slider" : "application");
    this.canvas.setAttribute("aria-label", this.instructions());
    this.hint = element("div", "marl-hint", this.paper);
    Object.assign(this.hint.style, {
      left: `${(100 * box[0]) / width}%`, top: `${(100 * box[1]) / height}%`,
      width: `${(100 * box[2]) / width}%`, height: `${(100 * box[3]) / height}%`,
    });
    const hint = element("span", "", this.hint);
    const lines = this.marker
      ? ["Click where you expect it, or Tab to here and press \u2190 \u2192."]
      : ["Press and drag from left to right to draw your guess.", "By keys: Tab to here, \u2190 \u2192 choose a point, \u2191 \u2193 move it."];
    lines.forEach((line, i) => { if (i) element("br", "", hint); hint.append(line); });
    this.point = element("div", "marl-point", root);
    this.point.setAttribute("aria-hidden", "true");
    this.heard = element("div", "marl-heard", root);
    this.heard.setAttribute("aria-live", "polite");
    const row = element("div", "marl-buttons", root);
    const button = (word, title) => {
      const made = element("button", `jupyter-button widget-button marl-${word.split(" ")[0]}`, row,
        { textContent: word, title, type: "button" });
      made.addEventListener("click", () => this.press(word));
      return made;
    };
    this.commit = button("commit", "stand by this guess; then the result appears");
    this.clear = button("clear", "begin again with an empty picture");
    this.again = button("guess again", "take the guess back; the result locks again");
    this.says = element("div", "marl-says", root);
    this.says.setAttribute("role", "status");
  }

  instructions() {
    const { x, y } = this.geometry;
    const keys = this.marker
      ? "Left and right arrows move the marker, with Shift in bigger steps, Home and End to the ends."
      : `Left and right arrows choose one of ${KNOTS} points, up and down arrows move it, Shift makes bigger steps, ` +
        "Home and End go to the first and last point. Then Tab to the button commit.";
    return `${this.model.get("question")} ${x.label}${this.marker ? "" : `, and ${y.label}`}. ${keys}`;
  }

  listen() {
    const { canvas, model } = this;
    this.stop = new AbortController();
    const on = (name, action) => canvas.addEventListener(name, action, { signal: this.stop.signal });
    on("pointerdown", (event) => this.down(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.up(event));
    on("pointercancel", (event) => this.up(event));
    on("lostpointercapture", (event) => this.up(event));
    on("keydown", (event) => this.key(event));
    on("focus", () => { this.tell(); this.draw(); });
    on("blur", () => { this.byKeys = false; this.draw(); });
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(canvas);
    this.changed = () => {
      if (this.last === null) this.values = [...model.get("values")];
      this.refresh();
    };
    model.on("change:values change:committed change:says", this.changed);
  }

  remove() {
    this.stop.abort();
    this.watch.disconnect();
    this.model.off("change:values change:committed change:says", this.changed);
  }

  get done() { return this.model.get("committed"); }
  get empty() { return !this.values.some((v) => v !== null); }

  // ---- by pointer: mouse, pen or finger

  /** Where a pointer is, as [x, y] in the axes' numbers; above and below the axes, at their ends. */
  place(event) {
    const { width, height, box, x, y } = this.geometry;
    const seen = this.canvas.getBoundingClientRect();
    const across = (((event.clientX - seen.left) / seen.width) * width - box[0]) / box[2];
    const up = 1 - (((event.clientY - seen.top) / seen.height) * height - box[1]) / box[3];
    return [x.low + across * (x.high - x.low), y.low + clamp(up, 0, 1) * (y.high - y.low)];
  }

  down(event) {
    if (this.done || this.last !== null || event.button !== 0) return;
    this.byKeys = false;
    event.preventDefault(); // no selection of text; it would also keep the focus away
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    this.pointer = event.pointerId;
    this.last = this.place(event);
    this.stroke(this.last);
  }

  move(event) {
    if (this.last === null || event.pointerId !== this.pointer) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const each of passed.length ? passed : [event]) this.stroke(this.place(each));
  }

  up(event) {
    if (this.last === null || event.pointerId !== this.pointer) return;
    if (event.type === "pointerup") this.stroke(this.place(event));
    this.last = null;
    this.keep();
  }

  /** Draw from where the pointer was to where it is; every point of the grid between the two gets its height. */
  stroke([x, y]) {
    if (this.marker) {
      this.values = [this.onStep(x)];
    } else {
      const last = this.values.length - 1;
      const [from, to] = [this.last, [x, y]].map(([place, height]) => [this.index(place), height]);
      const [a, b] = [from, to].sort((one, other) => one[0] - other[0]);
      const steps = b[0] - a[0];
      // What passes beside the axes, to the left or right, leaves nothing behind.
      for (let i = Math.max(0, Math.ceil(a[0] - 0.5)); i <= Math.min(last, Math.floor(b[0] + 0.5)); i += 1) {
        const share = steps > 0 ? clamp((i - a[0]) / steps, 0, 1) : 1;
        this.values[i] = steps > 0 ? a[1] + share * (b[1] - a[1]) : y;
      }
      this.knot = clamp(Math.round((to[0] / last) * (KNOTS - 1)), 0, KNOTS - 1);
    }
    this.last = [x, y];
    this.refresh();
  }

  /** A place on the x-axis as a position in the grid, not rounded. */
  index(x) {
    const axis = this.geometry.x;
    return ((x - axis.low) / (axis.high - axis.low)) * (this.values.length - 1);
  }

  onStep(x) {
    const axis = this.geometry.x;
    const on = axis.snap ? axis.low + Math.round((x - axis.low) / axis.snap) * axis.snap : x;
    return clamp(on, axis.low, axis.high);
  }

  // ---- by keys

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const known = this.marker ? this.keyOfMarker(event) : this.keyOfCurve(event);
    if (!known) return;
    event.preventDefault();
    event.stopPropagation();
    this.byKeys = true;
    this.refresh();
    this.tell();
  }

  keyOfCurve(event) {
    const along = { ArrowLeft: -1, ArrowRight: 1, Home: -KNOTS, End: KNOTS }[event.key];
    if (along !== undefined) {
      this.knot = clamp(this.knot + along * (event.shiftKey ? 5 : 1), 0, KNOTS - 1);
      return true;
    }
    const up = { ArrowUp: 1, ArrowDown: -1, PageUp: 5, PageDown: -5 }[event.key];
    if (up === undefined) return false;
    if (!this.done) this.lift(up * (event.shiftKey ? 5 : 1));
    return true;
  }

  /** Move the chosen point; what lies between it and its neighbours that are drawn becomes straight. */
  lift(steps) {
    const { y } = this.geometry;
    const curve = completed(this.values);
    const here = this.at(this.knot);
    const middle = Math.round((y.low + y.high) / 2 / y.step) * y.step;
    const height = curve ? Math.round(curve[here] / y.step + steps) * y.step : middle;
    this.values[here] = clamp(height, y.low, y.high);
    for (const side of [-1, 1]) {
      const there = this.at(this.knot + side);
      if (this.knot + side < 0 || this.knot + side >= KNOTS || this.values[there] === null) continue;
      for (let i = here + side; i !== there; i += side) {
        const share = (i - here) / (there - here);
        this.values[i] = this.values[here] + share * (this.values[there] - this.values[here]);
      }
    }
    this.keep();
  }

  at(knot) { return Math.round((knot * (this.values.length - 1)) / (KNOTS - 1)); }

  keyOfMarker(event) {
    const { x } = this.geometry;
    const step = x.snap || x.step;
    const along = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5 }[event.key];
    const by = along === undefined ? undefined : along * (event.shiftKey ? 5 : 1);
    const end = { Home: x.low, End: x.high }[event.key];
    if (by === undefined && end === undefined) return false;
    if (this.done) return true;
    const moved = Math.round(((this.values[0] ?? 0) - x.low) / step + by) * step + x.low;
    const start = x.low + Math.round((x.high - x.low) / 2 / step) * step;
    const wanted = end ?? (this.empty ? start : moved);
    this.values = [clamp(Number(wanted.toPrecision(12)), x.low, x.high)];
    this.keep();
    return true;
  }

  // ---- what is seen and heard

  keep() {
    this.model.set("values", [...this.values]);
    this.model.save_changes();
  }

  press(word) {
    if (word === "clear") {
      this.values = this.values.map(() => null);
      if (this.marker) this.values = [];
      this.keep();
      this.model.send({ do: "clear" });
      this.refresh();
      return;
    }
    this.model.send(word === "commit" ? { do: "commit", values: this.values } : { do: "again" });
  }

  refresh() {
    this.paper.classList.toggle("marl-done", this.done);
    this.hint.style.visibility = this.empty ? "visible" : "hidden";
    this.commit.disabled = this.done;
    this.commit.classList.toggle("mod-primary", !this.done);
    this.clear.disabled = this.done || this.empty;
    this.again.disabled = !this.done;
    if (this.says.textContent !== this.model.get("says")) this.says.textContent = this.model.get("says");
    this.point.textContent = this.described();
    this.draw();
  }

  described() {
    const { x, y } = this.geometry;
    if (this.marker) {
      const text = this.empty ? `${x.label}: nothing placed yet` : `${x.label}: ${words(x, this.values[0])}`;
      this.canvas.setAttribute("aria-valuemin", x.low);
      this.canvas.setAttribute("aria-valuemax", x.high);
      this.canvas.setAttribute("aria-valuenow", this.values[0] ?? x.low);
      this.canvas.setAttribute("aria-valuetext", text);
      return text;
    }
    const here = this.at(this.knot);
    const place = x.low + (here / (this.values.length - 1)) * (x.high - x.low);
    const curve = completed(this.values);
    const height = curve ? `${y.label} ${words(y, curve[here])}` : "nothing drawn yet";
    const flat = curve && !this.done && this.values[here] === null ? " (not drawn: it goes on as the dashes show)" : "";
    return `point ${this.knot + 1} of ${KNOTS}: ${x.label} ${words(x, place)}, ${height}${flat}`;
  }

  tell() {
    this.heard.textContent = this.marker ? "" : this.described(); // a slider's value is read out anyway
  }

  draw() {
    const { width, height, box } = this.geometry;
    const seen = this.canvas.getBoundingClientRect();
    if (!seen.width) return;
    const fine = window.devicePixelRatio || 1;
    const [wide, tall] = [Math.round(seen.width * fine), Math.round(seen.height * fine)];
    if (this.canvas.width !== wide || this.canvas.height !== tall) {
      this.canvas.width = wide;
      this.canvas.height = tall;
    }
    const pen = this.canvas.getContext("2d");
    pen.setTransform(wide / width, 0, 0, tall / height, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.strokeStyle = pen.fillStyle = INK;
    pen.lineJoin = pen.lineCap = "round";
    const focused = document.activeElement === this.canvas && (this.byKeys || this.canvas.matches(":focus-visible"));
    if (this.marker) this.drawMarker(pen, box);
    else this.drawCurve(pen, box, focused);
  }

  drawCurve(pen, box, focused) {
    const { y } = this.geometry;
    const curve = completed(this.values);
    const across = (i) => box[0] + (i / (this.values.length - 1)) * box[2];
    const down = (v) => box[1] + (1 - (v - y.low) / (y.high - y.low)) * box[3];
    if (curve) {
      for (let i = 1; i < curve.length; i += 1) {
        const drawn = this.done || (this.values[i - 1] !== null && this.values[i] !== null);
        if (!drawn && i % 2) continue; // dashes where it was not drawn
        pen.globalAlpha = drawn ? 1 : 0.6;
        pen.lineWidth = drawn ? 3 : 2;
        pen.beginPath();
        pen.moveTo(across(i - 1), down(curve[i - 1]));
        pen.lineTo(across(i), down(curve[i]));
        pen.stroke();
      }
      pen.globalAlpha = 1;
    }
    if (!focused) return;
    for (let knot = 0; knot < KNOTS; knot += 1) {
      const i = this.at(knot);
      const height = curve ? curve[i] : (y.low + y.high) / 2;
      pen.beginPath();
      pen.arc(across(i), down(height), knot === this.knot ? 7 : 3, 0, 2 * Math.PI);
      pen.fillStyle = knot === this.knot || this.values[i] === null ? "white" : INK;
      pen.lineWidth = knot === this.knot ? 3 : 1.5;
      pen.fill();
      pen.stroke();
    }
  }

  drawMarker(pen, box) {
    const { x } = this.geometry;
    if (this.empty) return;
    const across = box[0] + ((this.values[0] - x.low) / (x.high - x.low)) * box[2];
    pen.lineWidth = 3;
    pen.beginPath();
    pen.moveTo(across, box[1] + box[3]);
    pen.lineTo(across, box[1] + 12);
    pen.stroke();
    pen.beginPath();
    pen.moveTo(across, box[1] + 18);
    pen.lineTo(across - 8, box[1] + 4);
    pen.lineTo(across + 8, box[1] + 4);
    pen.fill();
  }
}

export default {
  render({ model, el }) {
    const view = new View(model, el);
    return () => view.remove();
  },
};
