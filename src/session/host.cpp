// The page's side of a Session: what its messages ask for. What the page is told is mirror.cpp's.
#include <algorithm>
#include <utility>

#include "io/json_put.h"
#include "io/tables.h"
#include "session/form.h"
#include "session/state.h"

namespace ribostep::session {
namespace {

constexpr std::size_t kEditorLimit = 200'000;  // letters; a larger set is not for typing
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
      {"leave_one_out",
       [](Session& s, const nlohmann::json& a) {
         s.cross_validate(kLeaveOneOut, static_cast<std::uint64_t>(std::max(0, int_of(a, "seed", 1))));
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
      {"equivariance", [](Session& s, const nlohmann::json&) { s.measure_equivariance(); }},
      {"cancel", [](Session& s, const nlohmann::json&) { s.cancel_job(); }},
      {"example",
       [](Session& s, const nlohmann::json& a) {
         const std::string id = text_of(a, "id");
         id.empty() ? s.ask_for_text() : s.load_example(id);
       }},
      {"set_model", [](Session& s, const nlohmann::json& a) { s.set_model(model_from(s, a)); }},
      {"set_train", [](Session& s, const nlohmann::json& a) { s.set_train(train_from(s, a)); }},
      {"workers", [](Session& s, const nlohmann::json& a) { s.set_workers(int_of(a, "count", 0)); }},
      {"set_seed",
       [](Session& s, const nlohmann::json& a) {
         s.set_seed(static_cast<std::uint64_t>(std::max(0, int_of(a, "seed", 1))));
       }},
      {"copy", [](Session& s, const nlohmann::json&) { s.copy_sequence(); }},
  };
  return table;
}

}  // namespace

void Session::ask_for_file() {
  state_->post({io::typed("pick", "accept", ".fa,.fasta,.fna,.faa,.txt,.tsv,.csv,.seq,.json"), {}});
}

void Session::ask_for_text() {
  state_->post({{{"type", "editor"}, {"title", "Sequences"}, {"text", data_text(kEditorLimit)}}, {}});
}

void Session::copy_sequence() {
  if (!has_data() || edits().copy_focus()) return;
  const int shown = state_->project.cursor.sequence;
  if (data().channels() > 0) {
    bio::Dataset one = bio::Dataset::of_series(data().channel_names());
    one.add_series(data().name(shown), data().description(shown), {}, data().values(shown),
                   data().annotation(shown));
    state_->post({io::typed("copy", "text", io::to_series_table(one, {})), {}});
    return state_->say(Severity::Note, "copied " + plural(length(), "position"));
  }
  constexpr std::size_t kLetters = 70;  // per line, as everywhere in FASTA
  std::string text = ">" + std::string(data().name(shown)) + "\n";
  for (std::size_t at = 0; at < letters().size(); at += kLetters) {
    text += letters().substr(at, kLetters);
    text += "\n";
  }
  state_->post({io::typed("copy", "text", text), {}});
  state_->say(Severity::Note, "copied " + std::to_string(length()) + " letters");
}

void Session::ask_for_queries() {
  state_->post(
      {{{"type", "editor"}, {"title", "Sequences to predict"}, {"text", ""}, {"purpose", "predict"}}, {}});
}

void Session::boot(const std::string& fragment, const Bytes& saved) {
  State& s = *state_;
  s.fetch(kIndex, [this, &s, fragment, saved](bool ok, const Bytes& bytes) {
    if (ok) s.examples = read_examples(bytes);
    if (s.examples.empty())
      s.say(Severity::Error,
            "the list of examples could not be fetched: reload the page, or paste your own sequences");
    s.changed();
    if (fragment.size() > 1) {
      s.open(io::from_fragment(fragment), "the link", true);
      s.last_fragment = fragment;
      // Else the link is damaged; the screen still must not be empty.
      if (s.prepared || !s.fetches.empty()) return;
    }
    if (!saved.empty()) {
      open_project({reinterpret_cast<const char*>(saved.data()), saved.size()});
      if (s.prepared || !s.fetches.empty()) return;
    }
    s.open_start();
  });
}

void Session::State::open_start() {
  fetch(kStart, [this](bool found, const Bytes& start) {
    if (!found)
      return say(Severity::Error,
                 "the opening example could not be fetched: paste sequences or choose an example");
    open(io::parse_project({reinterpret_cast<const char*>(start.data()), start.size()}),
         "the opening example");
  });
}

void Session::receive(Message message) {
  State& s = *state_;
  const std::string type = message.type();
  const nlohmann::json& head = message.head;
  if (type == "boot") {
    s.base_url = text_of(head, "base_url");
    boot(text_of(head, "hash"), message.body);
  } else if (type == "text") {
    std::string name = text_of(head, "name");
    const std::string source = text_of(head, "source");
    if (source == "editor") name = "typed sequences";
    if (source == "paste" || name.empty()) name = "pasted sequences";
    const std::string shown = source == "editor" ? data_text(kEditorLimit) : std::string();
    if (source == "paste" && s.edits->take_paste(message.body)) return;  // into the letters that are picked
    if (text_of(head, "purpose") == "predict")
      add_unlabelled(message.body, name);
    else if (!shown.empty() &&
             std::equal(message.body.begin(), message.body.end(), shown.begin(), shown.end()))
      s.say(Severity::Note, "nothing was changed");
    else
      load_text(std::move(message.body), std::move(name));
  } else if (type == "fetched" || type == "loaded") {
    const std::string key = text_of(head, type == "fetched" ? "url" : "key");
    const auto at = s.fetches.find(key);
    if (at == s.fetches.end()) return;
    const auto then = std::move(at->second);
    s.fetches.erase(at);
    then(flag_of(head, "ok"), message.body);
  } else if (type == "verb") {
    const std::string verb = text_of(head, "verb");
    const auto at = verbs().find(verb);
    if (at != verbs().end()) return at->second(*this, head);
    for (const Facet* facet : s.facets)
      for (const VerbEntry& entry : facet->verbs())
        if (verb == entry.name) return entry.act(*this, head);
  } else if (type == "hash") {
    const std::string value = text_of(head, "value");
    if (value.size() <= 1 || value == s.last_fragment) return;
    if (s.open(io::from_fragment(value), "the link", true)) s.last_fragment = value;
  } else if (type == "worker_failed") {
    const bool was_training = s.training.state == TrainingState::Running;
    s.post({io::typed("worker_restart"), {}});
    s.run_id = 0;
    s.verifying = false;
    s.job = {};
    s.job_id = s.predict_id = 0;
    s.lost_looking();
    for (Facet* facet : s.facets) facet->worker_lost();
    s.worker_set.clear();
    if (was_training) s.training.state = TrainingState::Paused;
    if (s.prepared && !s.project.weights) {
      s.replay_failed();
      return s.say(Severity::Error, "the background worker stopped (" + text_of(head, "message") +
                                        ") before the weights were retrained: the network is untrained");
    }
    s.say(Severity::Error, std::string("the background worker stopped (") + text_of(head, "message") +
                               "); your sequences and weights are still here" +
                               (was_training ? ": press Train to go on from the last update seen" : ""));
  } else if (type == "visibility") {
    // The last thing a page that is being closed hears.
    s.hidden = flag_of(head, "hidden");
    if (s.hidden) s.save_now();
  } else if (type == "stored") {
    s.saving = false;
    if (flag_of(head, "ok") && text_of(head, "key") == "session" && !s.outdated_set.empty()) {
      if (s.outdated_set != s.stored_set)
        s.post({io::typed("erase", "key", "dataset:" + s.outdated_set), {}});
      s.outdated_set.clear();
    }
    if (s.hidden) s.save_now();  // what came while this was being written; no frame will see to it
    if (!flag_of(head, "ok") && text_of(head, "key").rfind("dataset:", 0) == 0)
      s.stored_set.clear();  // so that the next save tries again
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

}  // namespace ribostep::session
