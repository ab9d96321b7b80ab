// An answer travels with the press of its check button, in one message: values that widgets send on their own may come
// later than the press where the kernel is busy, and then another answer than the one on the page would be judged.

function render({ model, el }) {
  const send = (block) => {
    const number = 1 + [...block.parentElement.querySelectorAll(".marl-question")].indexOf(block);
    const field = block.querySelector("input[type=text]");
    const given = field ? field.value : [...block.querySelectorAll("input[type=radio]")].findIndex((each) => each.checked);
    model.send({ number, given });
  };
  const onClick = (event) => {
    const button = event.target.closest(".marl-check");
    if (!button) return;
    event.stopPropagation(); // the button's own message would be a second press
    send(button.closest(".marl-question"));
  };
  const onKey = (event) => {
    if (event.key === "Enter" && !event.shiftKey && event.target.matches("input[type=text]")) {
      send(event.target.closest(".marl-question"));
    }
  };
  // One name for the radio buttons of a question makes them one group for the keyboard: Tab goes to the chosen one (or to
  // the first) and then on to "check", arrows choose. The widgets behind give them none.
  const own = Math.random().toString(36).slice(2);
  const group = () => {
    root.querySelectorAll(".marl-question").forEach((block, k) => {
      for (const each of block.querySelectorAll("input[type=radio]")) {
        const name = `marl-${own}-${k}`;
        if (each.name === name) continue;
        const chosen = each.checked; // joining a group may take the choice from another
        each.name = name;
        each.checked = chosen;
      }
    });
  };
  const watch = new MutationObserver(() => group());
  let root = null;
  let waiting = true;
  const attach = () => {
    root = el.closest(".marl-quiz");
    if (root) {
      group();
      watch.observe(root, { childList: true, subtree: true }); // widgets may draw their options later
      root.addEventListener("click", onClick, true);
      root.addEventListener("keydown", onKey, true); // a text field lets no key come up to here
    } else if (waiting) requestAnimationFrame(attach); // not on the page yet
  };
  attach();
  return () => {
    waiting = false;
    watch.disconnect();
    root?.removeEventListener("click", onClick, true);
    root?.removeEventListener("keydown", onKey, true);
  };
}

export default { render };
