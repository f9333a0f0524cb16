// The page's side of a Session: messages in, the text mirror of the screen out.
#include <algorithm>
#include <cstdio>
#include <utility>

#include "session/state.h"

namespace ribostep::session {
namespace {

constexpr const char* kIndex = "assets/datasets/index.json";
constexpr const char* kStart = "assets/start.ribostep.json";

std::string text_of(const nlohmann::json& head, const char* key) {
  return head.contains(key) && head[key].is_string() ? head[key].get<std::string>() : std::string();
}
bool flag_of(const nlohmann::json& head, const char* key) {
  return head.contains(key) && head[key].is_boolean() && head[key].get<bool>();
}
int int_of(const nlohmann::json& head, const char* key, int otherwise) {
  return head.contains(key) && head[key].is_number_integer() ? head[key].get<int>() : otherwise;
}

using Verb = void (*)(Session&, const nlohmann::json&);

// What the page's own buttons, tests and embedding pages may ask for by name.
const std::map<std::string, Verb, std::less<>>& verbs() {
  static const std::map<std::string, Verb, std::less<>> table = {
      {"first", [](Session& s, const nlohmann::json&) { s.step(-s.position()); }},
      {"last", [](Session& s, const nlohmann::json&) { s.step(s.length() - s.position()); }},
      {"step_back", [](Session& s, const nlohmann::json&) { s.step(-1); }},
      {"step_next", [](Session& s, const nlohmann::json&) { s.step(1); }},
      {"codon_back", [](Session& s, const nlohmann::json&) { s.step(-3); }},
      {"codon_next", [](Session& s, const nlohmann::json&) { s.step(3); }},
      {"run", [](Session& s, const nlohmann::json&) { s.set_running(!s.running()); }},
      {"go_to", [](Session& s, const nlohmann::json& a) { s.go_to(int_of(a, "position", s.position())); }},
      {"select", [](Session& s, const nlohmann::json& a) { s.select_sequence(int_of(a, "sequence", 0)); }},
      {"train",
       [](Session& s, const nlohmann::json&) {
         s.training().state == TrainingState::Running ? s.pause() : s.train();
       }},
      {"train_once", [](Session& s, const nlohmann::json&) { s.train_once(); }},
      {"stop", [](Session& s, const nlohmann::json&) { s.stop(); }},
      {"reset", [](Session& s, const nlohmann::json&) { s.reset(); }},
      {"new_start", [](Session& s, const nlohmann::json&) { s.new_start(); }},
      {"predict", [](Session& s, const nlohmann::json&) { s.predict(); }},
      {"cross_validate",
       [](Session& s, const nlohmann::json& a) {
         s.cross_validate(int_of(a, "folds", 10),
                          static_cast<std::uint64_t>(std::max(0, int_of(a, "seed", 1))));
       }},
      {"twin", [](Session& s, const nlohmann::json&) { s.show_untrained_twin(!s.showing_untrained_twin()); }},
      {"undo", [](Session& s, const nlohmann::json&) { s.undo(); }},
      {"redo", [](Session& s, const nlohmann::json&) { s.redo(); }},
      {"share", [](Session& s, const nlohmann::json&) { s.share(); }},
      {"open", [](Session& s, const nlohmann::json&) { s.ask_for_file(); }},
      {"edit", [](Session& s, const nlohmann::json&) { s.ask_for_text(); }},
      {"export_project", [](Session& s, const nlohmann::json&) { s.export_project(); }},
      {"export_trace", [](Session& s, const nlohmann::json&) { s.export_trace(); }},
      {"export_predictions", [](Session& s, const nlohmann::json&) { s.export_predictions(); }},
      {"cancel", [](Session& s, const nlohmann::json&) { s.cancel_job(); }},
      {"example", [](Session& s, const nlohmann::json& a) { s.load_example(text_of(a, "id")); }},
  };
  return table;
}

std::string value4(float v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", static_cast<double>(v));
  return text;
}

}  // namespace

void Session::ask_for_file() {
  state_->post({{{"type", "pick"}, {"accept", ".fa,.fasta,.fna,.faa,.txt,.tsv,.seq,.json"}}, {}});
}

void Session::ask_for_text() {
  constexpr std::size_t kEditorLimit = 200'000;  // letters; a larger set is not for typing
  state_->post({{{"type", "editor"}, {"title", "Sequences"}, {"text", data_text(kEditorLimit)}}, {}});
}

void Session::boot(const std::string& fragment, const Bytes& saved) {
  State& s = *state_;
  s.fetch(kIndex, [this, &s, fragment, saved](bool ok, const Bytes& bytes) {
    if (ok) s.examples = read_examples(bytes);
    if (s.examples.empty())
      s.say(Severity::Error,
            "the list of examples could not be fetched: reload the page, or paste your own sequences");
    s.changed();
    if (fragment.size() > 1) return open_fragment(fragment);
    if (!saved.empty()) return open_project({reinterpret_cast<const char*>(saved.data()), saved.size()});
    s.fetch(kStart, [this, &s](bool found, const Bytes& start) {
      if (found) return open_project({reinterpret_cast<const char*>(start.data()), start.size()});
      s.say(Severity::Error,
            "the opening example could not be fetched: paste sequences or choose an example");
    });
  });
}

void Session::receive(const Message& message) {
  State& s = *state_;
  const std::string type = message.type();
  const nlohmann::json& head = message.head;
  if (type == "boot") {
    s.base_url = text_of(head, "base_url");
    boot(text_of(head, "hash"), message.body);
  } else if (type == "text") {
    std::string name = text_of(head, "name");
    const std::string source = text_of(head, "source");
    if (name.empty()) name = source == "editor" ? "typed sequences" : "pasted sequences";
    load_text(message.body, std::move(name));
  } else if (type == "fetched" || type == "loaded") {
    const std::string key = text_of(head, type == "fetched" ? "url" : "key");
    const auto at = s.fetches.find(key);
    if (at == s.fetches.end()) return;
    const auto then = std::move(at->second);
    s.fetches.erase(at);
    then(flag_of(head, "ok"), message.body);
  } else if (type == "verb") {
    const auto at = verbs().find(text_of(head, "verb"));
    if (at != verbs().end()) at->second(*this, head);
  } else if (type == "hash") {
    const std::string value = text_of(head, "value");
    if (value.size() > 1 && value != s.last_fragment) open_fragment(value);
  } else if (type == "worker_failed") {
    const bool was_training = s.training.state == TrainingState::Running;
    s.post({{{"type", "worker_restart"}}, {}});
    s.run_id = 0;
    s.job = {};
    s.job_id = 0;
    s.worker_set.clear();
    if (was_training) s.training.state = TrainingState::Paused;
    s.say(Severity::Error, std::string("the background worker stopped (") + text_of(head, "message") +
                               "); your sequences and weights are still here" +
                               (was_training ? ": press Train to go on from the last update seen" : ""));
  } else if (type == "stored") {
    s.saving = false;
    if (!flag_of(head, "ok"))
      s.say(Severity::Warning, "this browser cannot keep your work (" + text_of(head, "error") +
                                   "): export the project to be safe");
  } else if (type == "copied") {
    if (!flag_of(head, "ok"))
      s.say(Severity::Warning,
            "the browser refused the clipboard: copy the link from the box, or from the address bar");
  }
}

std::vector<Message> Session::take_outbox() { return std::exchange(state_->outbox, {}); }

nlohmann::json Session::mirror() const {
  const State& s = *state_;
  nlohmann::json out;
  out["sentence"] = step_sentence();
  out["status"] = s.status.text;
  out["title"] = s.project.title.empty() ? "Ribostep" : s.project.title + " - Ribostep";
  const bool training_now = s.training.state == TrainingState::Running;
  const bool none = length() == 0;
  const auto button = [](const char* verb, const std::string& label, bool pressed, bool disabled) {
    return nlohmann::json{{"verb", verb}, {"label", label}, {"pressed", pressed}, {"disabled", disabled}};
  };
  out["buttons"] = {button("open", "Open a file", false, false),
                    button("edit", "Type or edit sequences", false, false),
                    button("train", training_now ? "Pause training" : "Train", training_now, !has_data()),
                    button("train_once", "Train one update", false, training_now || !has_data()),
                    button("first", "Before the first letter", false, none),
                    button("step_back", "Step back", false, none || position() == 0),
                    button("step_next", "Step", false, none || position() == length()),
                    button("last", "Last position", false, none),
                    button("run", s.running ? "Stop running" : "Run", s.running, none),
                    button("undo", "Undo " + undo_label(), false, !can_undo()),
                    button("redo", "Redo", false, !can_redo()),
                    button("share", "Copy share link", false, !has_data())};
  out["caption"] = has_data() ? std::string(data().name(s.project.cursor.sequence)) + ", position " +
                                    std::to_string(position()) + " of " + std::to_string(length())
                              : std::string("no sequence");
  out["summary"] = s.load_summary;
  out["position"] = position();
  out["length"] = length();
  nlohmann::json table = nlohmann::json::array();
  if (s.trace && position() >= 1) {
    const int index = s.network.level_begin(s.project.model.layers - 1);
    const rnn::LayerTrace& layer = s.trace->layers[static_cast<std::size_t>(index)];
    const int t = position() - 1;
    const int before = rnn::predecessor(s.network.layers[static_cast<std::size_t>(index)], length(), t);
    nlohmann::json header = {"unit", "h before", "h after"};
    for (const rnn::Gate& gate : rnn::gates(s.project.model.cell))
      if (layer.gate_count > 1) header.push_back(gate.name);
    if (rnn::has_cell_state(s.project.model.cell)) header.push_back("cell state c");
    table.push_back(std::move(header));
    for (int unit = 0; unit < layer.hidden; ++unit) {
      nlohmann::json row = {std::to_string(unit), value4(before < 0 ? 0.0f : layer.h(before, unit)),
                            value4(layer.h(t, unit))};
      for (int g = 0; g < layer.gate_count && layer.gate_count > 1; ++g)
        row.push_back(value4(layer.gate(t, g, unit)));
      if (rnn::has_cell_state(s.project.model.cell)) row.push_back(value4(layer.c(t, unit)));
      table.push_back(std::move(row));
    }
    for (int k = 0; k < s.trace->outputs; ++k)
      table.push_back(
          {"p(" + s.output_names[static_cast<std::size_t>(k)] + ")", "", value4(s.trace->p(t, k))});
  }
  out["table"] = std::move(table);
  out["training"] = {
      {"updates", s.training.updates},
      {"state", static_cast<int>(s.training.state)},
      {"hash", s.live_weights && !training_now ? rnn::weights_hash(*s.live_weights) : std::string()}};
  if (!s.training.evaluations.empty()) {
    out["training"]["first_loss"] = s.training.evaluations.front().train_loss;
    out["training"]["loss"] = s.training.evaluations.back().train_loss;
  }
  return out;
}

}  // namespace ribostep::session
