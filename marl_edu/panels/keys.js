// Keys pressed inside a panel belong to it: without this, an arrow key on a radio button moves to another cell, Enter on
// a button begins to edit the cell, and single letters insert or delete cells.

function render({ model, el }) {
  const keep = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return; // saving and the like
    if (event.key === "Escape" || (event.shiftKey && event.key === "Enter")) return; // back to the notebook, run the cell
    event.stopPropagation();
  };
  let root = null;
  let waiting = true;
  const attach = () => {
    root = el.closest(model.get("root"));
    if (root) root.addEventListener("keydown", keep);
    else if (waiting) requestAnimationFrame(attach); // not on the page yet
  };
  attach();
  return () => {
    waiting = false;
    root?.removeEventListener("keydown", keep);
  };
}

export default { render };
