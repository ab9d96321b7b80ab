// A table of payoffs whose numbers can be typed, dragged up and down with the mouse, or moved by the arrow keys.
// It only says what is wanted; the kernel checks it, and the table follows what the kernel then holds to be true.

const PIXELS_A_STEP = 4; // of the mouse, up or down

const rounded = (value, step) => Number((Math.round(value / step) * step).toFixed(6));
const written = (value) => String(value).replace("-", "\u2212");
const read = (text) => text.trim().replace("\u2212", "-").replace(",", ".");

function render({ model, el }) {
  const table = document.createElement("table");
  table.className = "marl-payoffs";
  const boxes = [];
  let waiting = null; // newest wish, sent once a frame so that a fast drag is never behind
  let wishes = 0;

  const sendNow = () => {
    if (waiting === null || waiting.box.pending) return; // one wish at a time: the next when this one is answered
    wishes += 1;
    waiting.box.pending = wishes; // until it is answered, the box shows what is wished
    model.send({ at: waiting.box.at, value: waiting.value, wish: wishes });
    waiting = null;
  };
  const send = (box, value) => {
    if (waiting === null) requestAnimationFrame(sendNow);
    else if (waiting.box !== box) {
      waiting.box.pending = 0;
      sendNow();
    }
    waiting = { box, value };
  };

  const wish = (box, value) => {
    const [low, high] = model.get("range");
    const inside = Math.min(high, Math.max(low, rounded(value, model.get("step"))));
    box.input.value = written(inside);
    box.edited = false;
    if (inside !== box.wished) send(box, inside);
    box.wished = inside;
  };

  const present = ([agent, row, column]) => model.get("values")[agent][row][column];

  const connect = (box) => {
    const { input, at } = box;
    let drag = null;
    input.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      drag = { from: event.clientY, value: present(at), moved: false, id: event.pointerId };
    });
    input.addEventListener("pointermove", (event) => {
      if (drag === null) return;
      const up = drag.from - event.clientY;
      if (!drag.moved && Math.abs(up) >= PIXELS_A_STEP) {
        drag.moved = true;
        input.setPointerCapture(drag.id);
        input.classList.add("marl-dragged");
      }
      if (drag.moved) {
        event.preventDefault();
        wish(box, drag.value + Math.trunc(up / PIXELS_A_STEP) * model.get("step"));
      }
    });
    const release = () => {
      if (drag !== null && !drag.moved) input.select();
      drag = null;
      input.classList.remove("marl-dragged");
    };
    input.addEventListener("pointerup", release);
    input.addEventListener("pointercancel", release);
    input.addEventListener("input", () => {
      box.edited = true;
    });
    const typed = () => {
      if (!box.edited) return;
      box.edited = false;
      const text = read(input.value);
      const value = Number(text);
      send(box, text !== "" && Number.isFinite(value) ? value : input.value.slice(0, 40));
    };
    input.addEventListener("change", typed);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Tab" || event.ctrlKey || event.metaKey || event.altKey) return;
      event.stopPropagation(); // or the notebook takes single letters as commands
      const steps = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
      if (steps) {
        event.preventDefault();
        const now = Number(read(input.value));
        wish(box, (Number.isFinite(now) ? now : present(at)) + steps * model.get("step"));
      } else if (event.key === "Enter") {
        event.preventDefault();
        typed();
        input.select();
      } else if (event.key === "Escape") {
        box.edited = false;
        input.value = written(present(at));
      }
    });
  };

  const build = () => {
    table.replaceChildren();
    boxes.length = 0;
    const agents = model.get("agents");
    const actions = model.get("actions");
    const colours = model.get("colours");
    const head = table.createTHead().insertRow();
    const corner = document.createElement("td");
    head.append(corner);
    for (const name of actions[1]) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = cell.title = name;
      cell.style.setProperty("--agent", colours[1]);
      head.append(cell);
    }
    const body = table.createTBody();
    actions[0].forEach((rowName, row) => {
      const line = body.insertRow();
      const name = document.createElement("th");
      name.scope = "row";
      name.textContent = name.title = rowName;
      name.style.setProperty("--agent", colours[0]);
      line.append(name);
      actions[1].forEach((columnName, column) => {
        const cell = line.insertCell();
        agents.forEach((agent, i) => {
          const input = document.createElement("input");
          input.type = "text";
          input.inputMode = "decimal";
          input.autocomplete = "off";
          input.setAttribute("aria-label", `payoff of ${agent} for ${rowName}, ${columnName}`);
          input.title = `what ${agent} gets for (${rowName}, ${columnName}): type, drag up or down, or press the arrow keys`;
          input.className = `marl-payoff marl-payoff-${i}-${row}-${column}`;
          input.style.setProperty("--agent", colours[i]);
          const box = { input, at: [i, row, column], edited: false, pending: 0 };
          boxes.push(box);
          connect(box);
          cell.append(input);
        });
      });
    });
    follow();
  };

  const follow = () => {
    for (const box of boxes) {
      const busy = box.edited || box.pending || waiting?.box === box || box.input.classList.contains("marl-dragged");
      if (busy) continue;
      box.input.value = written(present(box.at));
      box.wished = present(box.at);
    }
  };
  const answered = (message) => {
    for (const box of boxes) {
      if (box.pending && box.pending <= message.answered) box.pending = 0;
    }
    sendNow();
    follow();
  };

  build();
  el.append(table);
  model.on("change:values", follow);
  model.on("change:actions", build);
  model.on("msg:custom", answered);
  return () => {
    model.off("change:values", follow);
    model.off("change:actions", build);
    model.off("msg:custom", answered);
  };
}

export default { render };
