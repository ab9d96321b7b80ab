// The page's half of the self-test: send back what Python asked, to show that messages travel both ways.
export default {
  render({ model }) {
    const answer = () => {
      model.set("answer", model.get("question"));
      model.save_changes();
    };
    model.on("change:question", answer);
    answer();
  },
};
