// Verbs about data: text in any shape, built-in sets, alphabet, label rule, negatives.
#include <algorithm>
#include <functional>
#include <utility>

#include "bio/covariates.h"
#include "bio/reader.h"
#include "io/json_put.h"
#include "io/tables.h"
#include "session/state.h"

namespace ribostep::session {
namespace {

constexpr std::size_t kReadHere = 1u << 20u;  // larger texts are read in the worker
constexpr std::size_t kKeepText = 4u << 20u;  // to read again under another alphabet; larger is written anew
constexpr int kLongSequence = 500;            // above this, tasks per position start with windows
constexpr int kDefaultWindow = 200;
constexpr const char* kDatasets = "assets/datasets/";

bool looks_like_project(const Bytes& bytes) {
  const auto first = std::find_if(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b > ' '; });
  if (first == bytes.end() || *first != '{') return false;
  static constexpr std::string_view kKey = "\"ribostep\"";
  return std::search(bytes.begin(), bytes.end(), kKey.begin(), kKey.end()) != bytes.end();
}

// The fragment of a share link that stands alone in the text, empty for anything else.
std::string_view link_in(const Bytes& bytes) {
  if (bytes.size() > 2 * io::kMaxFragment) return {};
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  constexpr const char* kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  text = text.substr(first, text.find_last_not_of(kSpace) - first + 1);
  const std::size_t mark = text.find("#p=");
  const bool one_word = text.find_first_of(kSpace) == std::string_view::npos;
  if (!one_word || mark == std::string_view::npos) return {};
  return mark == 0 || text.substr(0, 4) == "http" || text.substr(0, 5) == "file:" ? text.substr(mark)
                                                                                  : std::string_view();
}

std::string text_at(const nlohmann::json& json, const char* key) {
  return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string();
}

}  // namespace

int Session::State::advised_window(const bio::Dataset& set, rnn::Task task) {
  if (task == rnn::Task::SequenceLabel) return 0;
  for (int i = 0; i < set.size(); ++i)
    if (set.length(i) > kLongSequence) return kDefaultWindow;
  return 0;
}

void Session::State::finish_read(bio::Dataset set, const std::string& name, const std::string& format,
                                 Diagnostics found, std::string hash) {
  diagnostics = std::move(found);
  if (set.empty()) {
    // What was there before stays: nothing is lost to a bad paste.
    const auto error = std::find_if(diagnostics.begin(), diagnostics.end(),
                                    [](const Diagnostic& d) { return d.severity == Severity::Error; });
    say(Severity::Error, error != diagnostics.end() ? error->text() : "no sequence was found in " + name);
    return;
  }
  remember("load " + name);
  io::Project next;
  next.train = project.train;
  next.model = project.model;
  next.seed = project.seed;
  next.data.set = std::make_shared<const bio::Dataset>(std::move(set));
  next.data.content_hash = hash.empty() ? next.data.set->content_hash() : std::move(hash);
  next.data.name = name;
  next.debugging.conditions = project.debugging.conditions;  // the same questions, of other sequences
  next.debugging.machine = project.debugging.machine;
  if (next.debugging.machine) next.debugging.machine->compiled.reset();
  // Centers and scales were those of other data.
  next.model.covariate_center.clear();
  next.model.covariate_scale.clear();
  next.model.task = experiment::suggested_task(*prepared_for(next.data.set, next.label_rule));
  next.train.window = advised_window(*next.data.set, next.model.task);
  adopt(std::move(next));
  const auto problems =
      static_cast<int>(std::count_if(diagnostics.begin(), diagnostics.end(),
                                     [](const Diagnostic& d) { return d.severity != Severity::Note; }));
  std::string text = "read " + load_summary + " from " + name + " (" + format + ")";
  if (problems > 0)
    text += "; " + std::to_string(problems) + (problems == 1 ? " thing" : " things") + " to look at";
  say(problems > 0 ? Severity::Warning : Severity::Note, text);
}

void Session::State::read_now(Bytes bytes, const std::string& name,
                              std::optional<bio::AlphabetKind> alphabet) {
  auto kept = std::make_shared<const Bytes>(std::move(bytes));
  bio::ReadOptions options;
  options.alphabet = alphabet;
  bio::ReadResult result = bio::read(*kept, options);
  if (!result.data.empty()) source_text = kept;
  finish_read(std::move(result.data), name, bio::name(result.format), std::move(result.diagnostics));
}

void Session::load_text(Bytes bytes, std::string name, std::optional<bio::AlphabetKind> alphabet) {
  State& s = *state_;
  if (const std::string_view link = link_in(bytes); !link.empty()) return open_fragment(link);
  if (looks_like_project(bytes))
    return open_project({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (bytes.size() > bio::kMaxFileBytes) {
    s.say(Severity::Error,
          name + " is larger than 256 MB: cut it, for example with head -c, and load the part");
    return;
  }
  if (bytes.size() <= kReadHere) return s.read_now(std::move(bytes), name, alphabet);
  s.read_in_worker(std::move(bytes), name, alphabet);
}

void Session::State::read_in_worker(Bytes bytes, const std::string& name,
                                    std::optional<bio::AlphabetKind> alphabet) {
  cancel_foreground();
  job_id = next_id++;
  job = {JobKind::Reading, 0, -1, "reading " + name};
  // Becomes source_text when it has been read: a cancelled file must not come back with another alphabet.
  reading_text = bytes.size() <= kKeepText ? std::make_shared<const Bytes>(bytes) : nullptr;
  nlohmann::json head = {{"type", "read"}, {"id", job_id}, {"name", name}};
  if (alphabet) head["alphabet"] = std::string(bio::alphabet(*alphabet).name);
  to_worker(std::move(head), std::move(bytes));
  changed();
}

void Session::load_example(const std::string& id) {
  State& s = *state_;
  const auto at =
      std::find_if(s.examples.begin(), s.examples.end(), [&](const Example& e) { return e.id == id; });
  if (at == s.examples.end()) {
    s.say(Severity::Error, "there is no built-in set \"" + id + "\": choose one from the Examples menu");
    return;
  }
  const Example example = *at;
  s.fetch(kDatasets + example.file, [&s, example](bool ok, const Bytes& bytes) {
    if (!ok)
      return s.say(Severity::Error,
                   "\"" + example.title + "\" could not be fetched: check the connection and try again");
    s.read_now(bytes, example.title, bio::alphabet_kind(example.alphabet));
    if (!s.project.data.set || s.project.data.content_hash != example.content_hash) return;
    s.project.data.example = example.id;
    const auto task = rnn::task(example.task);
    if (!task || *task == s.project.model.task || !s.prepared->obstacle(*task).empty()) return;
    s.project.model.task = *task;
    s.derive();
    s.fresh_weights();
    s.request_predictions();
    s.want_trace(true);
  });
}

void Session::set_alphabet(bio::AlphabetKind kind) {
  State& s = *state_;
  if (!has_data() || data().alphabet_kind == kind) return;
  const std::string name = s.project.data.name;
  Bytes text;
  if (s.source_text) {
    text = *s.source_text;
  } else {
    const std::string written = io::data_text(data(), labels());
    text.assign(written.begin(), written.end());
  }
  if (text.size() <= kReadHere) return s.read_now(std::move(text), name, kind);
  s.read_in_worker(std::move(text), name, kind);
}

void Session::set_label_rule(bio::LabelRule rule) {
  State& s = *state_;
  if (!has_data() || s.project.label_rule == rule) return;
  s.remember("label rule");
  io::Project next = untrained(s.project);
  next.label_rule = rule;
  next.model.task = experiment::suggested_task(*s.prepared_for(next.data.set, rule));
  s.adopt(std::move(next));
  s.say(Severity::Note, s.load_summary);
}

void Session::make_negatives(bio::ShuffleKind kind) {
  State& s = *state_;
  if (!has_data()) return;
  if (kind == bio::ShuffleKind::Codon && !data().alphabet().is_nucleic()) {
    s.say(Severity::Error, "codons exist in DNA and RNA only: choose single letters or neighbouring pairs");
    return;
  }
  if (kind != bio::ShuffleKind::Mono && data().alphabet().is_series())
    return s.say(Severity::Error, "a series has neither pairs nor codons: shuffle single positions");
  bio::Dataset set = bio::with_shuffled_negatives(data(), labels(), kind, s.project.seed);
  s.source_text = nullptr;
  const std::string name = s.project.data.name + " + shuffled";
  s.finish_read(std::move(set), name, "shuffled copies added", {});
}

// What a sequence to predict says of itself, as far as the model's data know it: an unknown level would
// number the others anew, and a word among numbers would make them levels. Nothing where the last word is the
// label.
std::string Session::State::known_fields(const bio::Dataset& set, int record) const {
  std::string said;
  if (prepared->labels.rule == bio::LabelRule::LastWord) return said;
  for (const bio::Covariate& covariate : prepared->covariates) {
    const std::string_view value = bio::covariate_text(set, record, covariate.name);
    const std::vector<std::string>& levels = covariate.levels;
    const bool level = std::binary_search(levels.begin(), levels.end(), value, std::less<>());
    double number = 0;
    const bool new_number = covariate.numeric && project.model.initial != rnn::InitialState::ByClass &&
                            bio::parse_number(value, number);
    if (level || new_number) bio::append_field(said, covariate.name, value);
  }
  return said;
}

void Session::add_unlabelled(const Bytes& bytes, const std::string& name) {
  State& s = *state_;
  if (!has_data()) return load_text(bytes, name);
  if (s.project.model.task != rnn::Task::SequenceLabel)
    return s.say(Severity::Error,
                 "sequences can be added to a network that labels whole sequences; this one does not");
  bio::ReadOptions options;
  options.alphabet = data().alphabet_kind;
  options.channels = data().channel_names();
  bio::ReadResult read = bio::read(bytes, options);
  s.diagnostics = read.diagnostics;
  if (read.data.empty())
    return s.say(Severity::Error, read.diagnostics.empty() ? "no sequence was found in " + name
                                                           : read.diagnostics.front().text());
  if (read.data.channels() != data().channels())
    return s.say(Severity::Error, "each position of " + name + " has " +
                                      plural(read.data.channels(), "value") + ", and the network reads " +
                                      std::to_string(data().channels()) + ": give the same columns");
  io::Project next = s.project;
  auto set = std::make_shared<bio::Dataset>(data());
  const int first_new = set->size();
  for (int i = 0; i < read.data.size(); ++i) {
    const std::string said = s.known_fields(read.data, i);
    if (read.data.channels() > 0)
      set->add_series(read.data.name(i), said, "", read.data.values(i));
    else
      set->add(read.data.name(i), said, "", read.data.tokens(i));
  }
  next.label_rule = labels().rule;  // a rule found for the old records must not be guessed again from all
  next.data = {"", set->content_hash(), next.data.name + " + " + name, set};
  const bio::Labels all = bio::derive_labels(*set, next.label_rule);
  if (all.classes != labels().classes || all.unlabelled != labels().unlabelled + read.data.size())
    return s.say(Severity::Error, std::string("the names in ") + name +
                                      " look like labels under the rule \"" + bio::name(next.label_rule) +
                                      "\": rename the sequences");
  if (!(experiment::fitted(next.model, *s.prepared_for(set, next.label_rule)) == next.model))
    return s.say(Severity::Error, "the names in " + name +
                                      " bring new values of a covariate that the network starts from: rename "
                                      "the sequences");
  s.remember("add sequences");
  s.source_text = nullptr;
  next.cursor = {first_new, 0};
  s.adopt(std::move(next));
  s.say(Severity::Note, "added " + std::to_string(read.data.size()) +
                            (read.data.size() == 1 ? " sequence" : " sequences") +
                            " to predict; the network and what it was trained on are unchanged");
}

std::string Session::data_text(std::size_t limit) const {
  if (!has_data() || data().total_length() * std::max<std::size_t>(1, data().channel_names().size()) > limit)
    return {};
  return io::data_text(data(), labels());
}

void Session::State::fetch(const std::string& url, std::function<void(bool, const Bytes&)> then) {
  fetches[url] = std::move(then);
  post({io::typed("fetch", "url", url), {}});
}

void Session::State::resolve_data(io::Project next, const std::string& origin) {
  if (next.data.set) {
    adopt(std::move(next));
    return;
  }
  const std::string hash = next.data.content_hash;
  if (next.data.example.empty()) {  // an autosave whose data set is stored under its hash
    const std::string key = "dataset:" + hash;
    fetches[key] = [this, next](bool ok, const Bytes& bytes) mutable {
      std::optional<bio::Dataset> set = ok ? bio::Dataset::unpack(bytes) : std::nullopt;
      if (!set || set->content_hash() != next.data.content_hash) {
        say(Severity::Error, "the sequences of your last work are no longer stored in this browser");
        if (!prepared) open_start();
        return;
      }
      next.data.set = std::make_shared<const bio::Dataset>(std::move(*set));
      stored_set = next.data.content_hash;
      adopt(std::move(next));
      // A damaged link that was to be opened instead matters more.
      if (status.severity != Severity::Error) say(Severity::Note, "your last work is back");
    };
    post({io::typed("load", "key", key), {}});
    return;
  }
  const auto at = std::find_if(examples.begin(), examples.end(),
                               [&](const Example& e) { return e.id == next.data.example; });
  if (at == examples.end()) {
    visiting = false;
    return say(Severity::Error, origin + " needs the built-in set \"" + next.data.example +
                                    "\", which this version does not have");
  }
  const Example example = *at;
  fetch(kDatasets + example.file, [this, next, example, origin](bool ok, const Bytes& bytes) mutable {
    if (!ok) {
      visiting = false;
      return say(Severity::Error, "\"" + example.title +
                                      "\" could not be fetched: check the connection and open " + origin +
                                      " again");
    }
    bio::ReadOptions options;
    options.alphabet = bio::alphabet_kind(example.alphabet);
    bio::ReadResult result = bio::read(bytes, options);
    if (result.data.empty()) return say(Severity::Error, "\"" + example.title + "\" arrived damaged");
    const std::string found = result.data.content_hash();
    const bool same = next.data.content_hash.empty() || next.data.content_hash == found;
    next.data.set = std::make_shared<const bio::Dataset>(std::move(result.data));
    next.data.content_hash = found;
    next.data.name = example.title;
    source_text = std::make_shared<const Bytes>(bytes);
    adopt(std::move(next));
    if (!same)
      say(Severity::Warning, "the built-in set \"" + example.title + "\" has changed since " + origin +
                                 " was made: figures can differ");
  });
}

// The list of built-in sets; entries without a file or id are left out.
std::vector<Example> read_examples(const Bytes& bytes) {
  std::vector<Example> list;
  const nlohmann::json json = nlohmann::json::parse(bytes.begin(), bytes.end(), nullptr, false);
  if (!json.is_array()) return list;
  for (const auto& item : json) {
    if (!item.is_object()) continue;
    Example e;
    e.id = text_at(item, "id");
    e.title = text_at(item, "title");
    e.file = text_at(item, "file");
    e.description = text_at(item, "description");
    if (item.contains("traps") && item["traps"].is_array())
      for (const auto& trap : item["traps"])
        if (trap.is_string()) e.traps += (e.traps.empty() ? "" : "\n") + trap.get<std::string>();
    e.citation = text_at(item, "citation");
    e.licence = text_at(item, "licence");
    e.source = text_at(item, "source");
    e.content_hash = text_at(item, "content_hash");
    e.alphabet = text_at(item, "alphabet");
    e.task = text_at(item, "task");
    e.records =
        item.contains("records") && item["records"].is_number_integer() ? item["records"].get<int>() : 0;
    if (!e.id.empty() && !e.file.empty()) list.push_back(std::move(e));
  }
  return list;
}

}  // namespace ribostep::session
