// Runs that are kept: their recipes and thinned curves are part of the project; their weights follow from the
// recipe.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "io/json_reader.h"
#include "session/form.h"
#include "session/state.h"

namespace ribostep::session {
namespace {

// A link carries all runs: those that nobody asked for stay few and short.
constexpr std::size_t kUnnamedRuns = 6, kUnnamedPoints = 60, kNamedPoints = 200;
constexpr int kDigits = 4;  // of a loss in a kept curve

double rounded(double value) {
  return std::isfinite(value) ? std::strtod(short_number(value, kDigits).c_str(), nullptr) : -1;
}

io::RunPoint point_of(const rnn::EvaluationPoint& e, bool right_or_wrong) {
  const auto share = [&](std::int64_t correct, std::int64_t n) {
    return right_or_wrong && n > 0 ? rounded(static_cast<double>(correct) / static_cast<double>(n)) : -1;
  };
  return {e.update, rounded(e.train_loss), e.validation_items > 0 ? rounded(e.validation_loss) : -1,
          share(e.train_correct, e.train_items), share(e.validation_correct, e.validation_items)};
}

// Whether one would pass through the other: up to `updates`, nothing was changed on the way in one alone.
bool same_way(const io::KeptRun& a, const io::KeptRun& b, std::int64_t updates) {
  const auto before = [&](const io::KeptRun& run) {
    std::vector<rnn::SettingChange> changes;
    for (const rnn::SettingChange& c : run.changes)
      if (c.update < updates) changes.push_back(c);
    return changes;
  };
  return a.from_start && b.from_start && a.seed == b.seed && a.model == b.model && a.train == b.train &&
         before(a) == before(b);
}

std::string key_of(const io::KeptRun& run) { return run.weights_hash + " " + std::to_string(run.updates); }

}  // namespace

const std::vector<io::KeptRun>& History::runs() const { return state_.project.debugging.runs; }

bool History::known(int run) const {
  if (run >= 0 && run < static_cast<int>(runs().size())) return true;
  state_.say(Severity::Error, "there is no such run");
  return false;
}

std::string History::name_of(int run) const {
  const std::string& own = runs()[static_cast<std::size_t>(run)].name;
  return own.empty() ? "run " + std::to_string(run + 1) : own;
}

std::string History::differences_of(int run) const {
  return difference_from(recipe_of(runs()[static_cast<std::size_t>(run)]), recipe_of(state_.project));
}

std::string History::differences() const {
  std::vector<RunRecipe> all{recipe_of(state_.project)};
  for (int run = 0; run < static_cast<int>(runs().size()); ++run)
    if (shown(run)) all.push_back(recipe_of(runs()[static_cast<std::size_t>(run)]));
  return difference_words(all);
}

io::KeptRun History::present_run(std::size_t points) const {
  const io::Project& p = state_.project;
  io::KeptRun run;
  run.model = p.model;
  run.train = p.train;
  run.seed = p.seed;
  run.updates = p.updates;
  run.changes = p.changes;
  run.from_start = p.start_weights == nullptr;
  if (p.weights) run.weights_hash = rnn::weights_hash(*p.weights);
  std::vector<io::RunPoint> curve;
  for (const rnn::EvaluationPoint& e : state_.training.evaluations)
    curve.push_back(point_of(e, p.model.task != rnn::Task::NextVector));
  run.curve = thinned(curve, points);
  return run;
}

void History::keep(const std::string& name) {
  if (!state_.prepared || !state_.project.weights || state_.project.updates == 0)
    return state_.say(Severity::Error, state_.project.updates == 0
                                           ? "there is no run to keep yet: press Train first"
                                           : "the recipe is still being replayed: wait, or cancel it");
  io::KeptRun run = present_run(kNamedPoints);
  run.name = io::utf8(name, io::kMaxRunName);
  std::vector<io::KeptRun>& all = state_.project.debugging.runs;
  const auto same = std::find_if(all.begin(), all.end(), [&](const io::KeptRun& r) {
    return r.weights_hash == run.weights_hash && r.updates == run.updates;
  });
  if (same != all.end() && (name.empty() || name == same->name))
    return state_.say(Severity::Note,
                      "this run is kept already: " + name_of(static_cast<int>(same - all.begin())));
  auto unnamed = std::find_if(all.begin(), all.end(), [](const io::KeptRun& r) { return r.name.empty(); });
  if (same == all.end() && all.size() >= io::kMaxRuns && unnamed == all.end())
    return state_.say(Severity::Error, std::to_string(io::kMaxRuns) +
                                           " runs are kept, which is the most: remove one of them first");
  if (run.name.empty()) {  // a name that will not change when others go
    for (std::size_t n = all.size() + 1; run.name.empty(); ++n) {
      const std::string wanted = "run " + std::to_string(n);
      if (std::none_of(all.begin(), all.end(), [&](const io::KeptRun& r) { return r.name == wanted; }))
        run.name = wanted;
    }
  }
  state_.remember("keeping a run");
  std::string kept_as = run.name;
  if (same != all.end()) {
    same->name = run.name;
  } else {
    if (all.size() >= io::kMaxRuns) all.erase(unnamed);
    all.push_back(std::move(run));
  }
  state_.say(Severity::Note, "kept as " + kept_as + ": its curve stays beside the ones to come");
}

void History::keep_by_itself() {
  if (!state_.prepared || !state_.project.weights || state_.training.evaluations.size() < 2 ||
      state_.project.updates < state_.training.per_epoch)
    return;
  io::KeptRun run = present_run(kUnnamedPoints);
  std::vector<io::KeptRun>& all = state_.project.debugging.runs;
  for (io::KeptRun& old : all) {
    if (old.weights_hash == run.weights_hash) return;
    if (old.updates >= run.updates && same_way(old, run, run.updates)) return;
    if (!old.name.empty() || !same_way(old, run, old.updates)) continue;
    old = std::move(run);  // the same one, further on
    return;
  }
  const auto unnamed = [](const io::KeptRun& r) { return r.name.empty(); };
  if (static_cast<std::size_t>(std::count_if(all.begin(), all.end(), unnamed)) >= kUnnamedRuns ||
      all.size() >= io::kMaxRuns) {
    const auto oldest = std::find_if(all.begin(), all.end(), unnamed);
    if (oldest == all.end()) return;
    all.erase(oldest);
  }
  all.push_back(std::move(run));
}

void History::rename(int run, const std::string& name) {
  if (!known(run) || runs()[static_cast<std::size_t>(run)].name == name) return;
  state_.remember("name of a run");
  state_.project.debugging.runs[static_cast<std::size_t>(run)].name = io::utf8(name, io::kMaxRunName);
  state_.touch();
}

void History::remove(int run) {
  if (!known(run)) return;
  const std::string name = name_of(run);
  state_.remember("removing " + name);
  std::vector<io::KeptRun>& all = state_.project.debugging.runs;
  all.erase(all.begin() + run);
  state_.say(Severity::Note, name + " is removed: Undo brings it back");
  state_.touch();
}

bool History::shown(int run) const {
  return run >= 0 && run < static_cast<int>(runs().size()) &&
         hidden_.count(key_of(runs()[static_cast<std::size_t>(run)])) == 0;
}

void History::show(int run, bool on) {
  if (!known(run)) return;
  const std::string key = key_of(runs()[static_cast<std::size_t>(run)]);
  if (on)
    hidden_.erase(key);
  else
    hidden_.insert(key);
  state_.changed();
}

std::string History::open_obstacle(int run) const {
  const io::KeptRun& kept_run = runs()[static_cast<std::size_t>(run)];
  if (!state_.prepared) return "there are no sequences: load them first";
  if (!kept_run.from_start)
    return "it went on from weights that are not kept with it, so that it cannot be trained again: its curve "
           "stays for comparing";
  if (!(experiment::fitted(kept_run.model, *state_.prepared) == kept_run.model))
    return "it belongs to other sequences or labels: load those first";
  return {};
}

void History::open(int run) {
  if (!known(run)) return;
  if (const std::string why = open_obstacle(run); !why.empty())
    return state_.say(Severity::Error, "cannot open " + name_of(run) + ": " + why);
  const io::KeptRun chosen = runs()[static_cast<std::size_t>(run)];
  const std::string name = name_of(run);
  state_.remember("opening " + name);
  keep_by_itself();
  io::Project next = untrained(state_.project);
  next.model = chosen.model;
  next.train = chosen.train;
  next.seed = chosen.seed;
  next.updates = chosen.updates;
  next.changes = chosen.changes;
  next.weights_hash = chosen.weights_hash;
  state_.adopt(std::move(next));
}

std::string History::replay_obstacle() const {
  if (!state_.prepared || !state_.project.weights || present() == 0)
    return "there is no run to repeat yet: press Train first";
  return {};
}

void History::replay_with(const std::string& key, const nlohmann::json& value) {
  if (const std::string why = replay_obstacle(); !why.empty()) return state_.say(Severity::Error, why);
  const std::vector<Field> fields = train_form(session_);
  const auto field = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.key == key; });
  if (field == fields.end())
    return state_.say(Severity::Error, "there is no setting of training called \"" + key + "\" here");
  io::Project next = untrained(state_.project);
  next.start_weights = state_.project.start_weights;
  next.train = with_choice(state_.project.train, key, value);
  next.updates = present();
  for (const rnn::SettingChange& change : state_.project.changes)
    if (change.key != key) next.changes.push_back(change);
  if (next.train == state_.project.train && next.changes.size() == state_.project.changes.size())
    return state_.say(Severity::Note, setting_name(key) + " is that already: choose another value");
  if (const std::string trouble = rnn::problem(next.train); !trouble.empty())
    return state_.say(Severity::Error, trouble);
  if (next.start_weights && (next.train.validation_fraction != state_.project.train.validation_fraction ||
                             next.train.window != state_.project.train.window))
    return state_.say(Severity::Error,
                      "this run began with weights that have seen the records of its split: another split "
                      "needs Reset first");
  double loss = -1;
  if (!state_.training.evaluations.empty()) {
    const rnn::EvaluationPoint& last = state_.training.evaluations.back();
    loss = last.validation_items > 0 ? last.validation_loss : last.train_loss;
  }
  const RunRecipe after = recipe_of(next);
  const std::string words = difference_from(after, recipe_of(state_.project));
  state_.remember("the same run with another " + setting_name(key));
  keep_by_itself();
  next.debugging.runs = state_.project.debugging.runs;
  state_.adopt(std::move(next));
  if (state_.project.weights) return;  // it could not be replayed, and that was said
  replay_words_ = "the same run with " + words;
  replay_loss_ = loss;
  replay_updates_ = state_.project.updates;
  if (state_.job.kind == JobKind::Replaying) state_.job.text = "training with " + words;
}

}  // namespace ribostep::session
