// What the worker answers, and what it means for the project: snapshots of a run, a finished replay,
// predictions.
#include <algorithm>
#include <cmath>
#include <utility>

#include "experiment/metrics.h"
#include "io/encoding.h"
#include "session/state.h"
#include "session/worker_jobs.h"

namespace ribostep::session {
namespace {

constexpr int kHiddenSnapshots = 20;  // between saves of a hidden tab; four come in a second

Score score_of(const std::vector<const PredictionRow*>& rows, const bio::Labels& labels, int classes) {
  Score score;
  std::vector<int> truth, predicted;
  std::vector<float> probabilities;
  for (const PredictionRow* row : rows) {
    const int label = labels.of_record[static_cast<std::size_t>(row->record)];
    if (label < 0 || row->predicted < 0) continue;
    ++score.n;
    score.correct += row->predicted == label;
    score.loss += static_cast<double>(row->loss);
    truth.push_back(label);
    predicted.push_back(row->predicted);
    probabilities.insert(probabilities.end(), row->probabilities.begin(), row->probabilities.end());
  }
  if (score.n > 0) score.loss /= score.n;
  score.interval = experiment::wilson(score.correct, score.n);
  score.confusion = experiment::confusion(truth, predicted, classes);
  score.metrics = experiment::measure(truth, predicted, probabilities, classes,
                                      experiment::positive_class(labels.classes));
  if (score.n > 0) score.metrics.loss = score.loss;
  return score;
}

// Of positions: sums that the worker made.
Score score_from_group(const nlohmann::json& group) {
  Score score;
  score.n = group.value("n", 0);
  score.correct = group.value("correct", 0);
  score.interval = experiment::wilson(score.correct, score.n);
  if (score.n > 0 && group.contains("loss") && group["loss"].is_number()) {
    score.loss = group["loss"].get<double>();
    score.metrics.loss = score.loss;
  }
  score.confusion.counts = ints_from(group.value("confusion", nlohmann::json::array()));
  while (static_cast<std::size_t>(score.confusion.classes * score.confusion.classes) <
         score.confusion.counts.size())
    ++score.confusion.classes;
  score.metrics.balanced_accuracy = experiment::balanced_accuracy(score.confusion);
  score.metrics.matthews = experiment::matthews(score.confusion);
  return score;
}

}  // namespace

void Session::State::on_snapshot(const Message& message) {
  const nlohmann::json& head = message.head;
  if (head.value("run", 0) != run_id || !prepared) return;
  const std::size_t weight_bytes = network.parameter_count * sizeof(float);
  if (message.body.size() < weight_bytes) return;
  const std::span<const std::uint8_t> body(message.body);
  auto weights = io::floats_from(body.first(weight_bytes));
  auto curve = io::floats_from(body.subspan(weight_bytes));
  if (!weights || !curve) return;

  const bool replaying = head.value("replaying", false), replayed = head.value("replayed", false);
  const bool behind = verifying && (replaying || replayed);  // the weights on screen are already further
  if (replaying && job_id == 0 && (!behind || job.kind == JobKind::Replaying)) {
    const double done = head.value("updates", 0.0), target = head.value("target", 1.0);
    job = {JobKind::Replaying, target > 0 ? done / target : 1, head.value("seconds_left", -1.0),
           "replaying " + plural(project.updates, "update")};
  }
  if (!behind) training.updates = head.value("updates", std::int64_t{0});
  training.planned = head.value("planned", std::int64_t{0});
  training.per_epoch = std::max<std::int64_t>(1, head.value("per_epoch", std::int64_t{1}));
  training.seconds_left = head.value("seconds_left", -1.0);
  training.workers = head.value("workers", 1);
  training.finish = static_cast<rnn::Finish>(head.value("finish", 0));
  training.trouble = head.value("trouble", std::string());
  if (const double ms = head.value("ms_per_update", -1.0); ms > 0) ms_per_update = ms;
  training.curve.resize(
      std::min<std::size_t>(training.curve.size(), head.value("curve_from", std::size_t{0})));
  for (std::size_t i = 0; i + 2 < curve->size(); i += 3)
    training.curve.push_back({(*curve)[i], (*curve)[i + 1], (*curve)[i + 2]});
  training.evaluations.resize(
      std::min<std::size_t>(training.evaluations.size(), head.value("evaluations_from", std::size_t{0})));
  for (const auto& e : head.value("evaluations", nlohmann::json::array())) {
    // A loss that is not a number has no JSON form and arrives as null.
    const auto loss = [](const nlohmann::json& v) { return v.is_number() ? v.get<double>() : std::nan(""); };
    training.evaluations.push_back({e[0].get<std::int64_t>(), e[1].get<int>(), loss(e[2]), loss(e[3]),
                                    e[4].get<std::int64_t>(), e[5].get<std::int64_t>(),
                                    e[6].get<std::int64_t>(), e[7].get<std::int64_t>(),
                                    e[8].get<std::int64_t>()});
  }
  if (behind) {
    if (replayed) on_verified(*weights);
    return changed();
  }
  live_weights = std::make_shared<const std::vector<float>>(std::move(*weights));
  if (!twin && !visited_weights) want_trace(false);

  if (replaying) return changed();
  if (project.updates != training.updates) {  // trained on since it was shared and predicted
    leave_link();
    predictions.stale = predictions.available;
  }
  project.weights = live_weights;
  project.updates = training.updates;
  if (replayed) on_replayed();
  if (training.finish != rnn::Finish::Running && training.state == TrainingState::Running) {
    training.state = TrainingState::Finished;
    if (training.finish == rnn::Finish::NotFinite)
      say(Severity::Error,
          training.trouble + ": choose a smaller learning rate or a tighter clip, then Reset");
    else
      say(Severity::Note, std::string(training.finish == rnn::Finish::EarlyStop
                                          ? "stopped early, the best weights are back, after "
                                          : "trained, ") +
                              plural(training.updates, "update"));
  } else if (training.finish != rnn::Finish::Running) {
    training.state = TrainingState::Finished;
  }
  if (!head.value("busy", false)) request_predictions();
  touch();
}

// Weights that came with their recipe: the replay behind the scenes brought the curves back and shows whether
// the weights are what the recipe makes.
void Session::State::on_verified(const std::vector<float>& found) {
  verifying = false;
  if (job.kind == JobKind::Replaying) job = {};
  if (rnn::weights_hash(found) == rnn::weights_hash(*project.weights)) {
    if (training.finish != rnn::Finish::Running) training.state = TrainingState::Finished;
    return;
  }
  drop_run();
  training.curve.clear();
  training.evaluations.clear();
  training.finish = rnn::Finish::Running;
  project.start_weights = project.weights;
  project.updates = 0;
  project.numerics = rnn::kNumericsVersion;  // of what follows from them
  project.changes.clear();
  training.updates = 0;
  say(Severity::Warning,
      "these weights do not follow from their recipe (another version or an edit made them): training goes "
      "on from "
      "them as a new leg");
}

void Session::State::on_replayed() {
  if (job.kind == JobKind::Replaying) job = {};
  const std::string found = rnn::weights_hash(*project.weights);
  const std::string expected = std::exchange(project.weights_hash, found);
  if (expected.empty() || expected == found) {
    say(Severity::Note, "replayed " + plural(project.updates, "update") +
                            (expected.empty() ? "" : ": the weights are the sender's, bit for bit"));
  } else {
    std::string why = ": the link was made elsewhere or edited";
    if (project.numerics != rnn::kNumericsVersion)
      why = ", whose Ribostep computed in another order (numerics version " +
            std::to_string(project.numerics) + ", here " + std::to_string(rnn::kNumericsVersion) + ")";
    say(Severity::Warning, "retrained, but the weights differ from the sender's" + why);
  }
  project.numerics = rnn::kNumericsVersion;
}

void Session::State::on_predictions(const Message& message) {
  const auto values = io::floats_from(message.body);
  const auto k = static_cast<std::size_t>(std::max(0, message.head.value("classes", 0)));
  if (!values || !prepared || values->size() != static_cast<std::size_t>(prepared->data->size()) * (5 + k))
    return;
  predictions = {};
  predictions.available = true;
  predictions.unsettled = message.head.value("unsettled", 0);
  predictions.stale = training.state == TrainingState::Running || predict_weights != project.weights;
  std::vector<char> held_out(static_cast<std::size_t>(prepared->data->size()), 0);
  for (const int i : split.validation) held_out[static_cast<std::size_t>(i)] = 1;
  for (int i = 0; i < prepared->data->size(); ++i) {
    const float* row = values->data() + static_cast<std::size_t>(i) * (5 + k);
    PredictionRow out;
    out.record = i;
    out.predicted = static_cast<int>(row[0]);
    out.probability = row[1];
    out.loss = row[2];
    out.validation = held_out[static_cast<std::size_t>(i)] != 0;
    out.probabilities.assign(row + 5, row + 5 + k);
    predictions.rows.push_back(std::move(out));
  }
  if (k > 0) {
    std::vector<const PredictionRow*> train, validation;
    for (const PredictionRow& row : predictions.rows) (row.validation ? validation : train).push_back(&row);
    predictions.train = score_of(train, prepared->labels, static_cast<int>(k));
    predictions.validation = score_of(validation, prepared->labels, static_cast<int>(k));
  } else if (const auto groups = message.head.find("groups");
             groups != message.head.end() && groups->is_object()) {
    predictions.train = score_from_group(groups->value("train", nlohmann::json::object()));
    predictions.validation = score_from_group(groups->value("validation", nlohmann::json::object()));
  }
  for (const auto& b : message.head.value("baselines", nlohmann::json::array()))
    predictions.baselines.push_back(score_from(b));
}

void Session::State::on_done(const Message& message) {
  const nlohmann::json& head = message.head;
  const std::string name = head.value("job", std::string());
  const int id = head.value("id", 0);
  const bool foreground = id == job_id && id != 0;
  if (foreground) {
    job = {};
    job_id = 0;
  }
  if (name == "predict") {
    if (id == predict_id) on_predictions(message);
  } else if (!foreground) {
    return;  // cancelled meanwhile
  } else if (name == "read") {
    Diagnostics found;
    for (const auto& d : head.value("diagnostics", nlohmann::json::array()))
      found.push_back({static_cast<Severity>(d[0].get<int>()), d[1].get<int>(), d[2].get<int>(),
                       d[3].get<std::string>()});
    std::optional<bio::Dataset> set = bio::Dataset::unpack(message.body);
    if (set && !set->empty()) source_text = std::exchange(reading_text, nullptr);
    finish_read(set ? std::move(*set) : bio::Dataset(), head.value("name", std::string()),
                head.value("format", std::string()), std::move(found), head.value("hash", std::string()));
  } else if (name == "cross_validate") {
    CrossValidation& cv = cross_validation;
    cv = {};
    cv.available = true;
    cv.folds = head.value("folds", 0);
    cv.leave_one_out = head.value("leave_one_out", false);
    cv.seed = head.value("seed", std::uint64_t{0});
    cv.predicted = ints_from(head.value("predicted", nlohmann::json::array()));
    cv.score.n = head.value("n", 0);
    cv.score.correct = head.value("correct", 0);
    cv.score.interval = experiment::wilson(cv.score.correct, cv.score.n);
    cv.confusion = experiment::confusion(prepared->labels.of_record, cv.predicted, project.model.classes);
    for (const auto& b : head.value("baselines", nlohmann::json::array()))
      cv.baselines.push_back(score_from(b));
    cv.score.confusion = cv.confusion;
    cv.score.metrics = metrics_from(head.value("metrics", nlohmann::json::array()));
    cv.score.loss = cv.score.metrics.loss.value_or(0);
    if (auto probabilities = io::floats_from(message.body)) cv.probabilities = std::move(*probabilities);
    say(Severity::Note, cross_validation_words(cv.folds, cv.leave_one_out) + ": " +
                            std::to_string(cv.score.correct) + " of " + std::to_string(cv.score.n) +
                            " right");
  } else if (name == "equivariance") {
    on_equivariance(message);
  } else if (name == "scan") {
    scan_tsv.assign(message.body.begin(), message.body.end());
    say(Severity::Note, "scanned " + plural(head.value("windows", 0), "window"));
  }
  changed();
}

void Session::State::on_failed(const Message& message) {
  const int id = message.head.value("id", 0);
  const std::string name = message.head.value("job", std::string());
  if (name == "run") {
    if (id != run_id) return;
    run_id = 0;
    verifying = false;
    training.state = TrainingState::Paused;
    if (job.kind == JobKind::Replaying) job = {};
    if (!project.weights) replay_failed();
  } else if (id == job_id) {
    job = {};
    job_id = 0;
  } else if (id == predict_id) {
    return changed();  // nobody asked: the table simply has no predictions
  }
  say(Severity::Error, message.head.value("text", std::string("the worker could not do that")));
}

void Session::receive_from_worker(const Message& message) {
  State& s = *state_;
  const std::string type = message.type();
  if (s.heard_of_looking(message)) return;
  for (Facet* facet : s.facets)
    if (facet->hear(message)) return;
  if (type == "snapshot") {
    s.on_snapshot(message);
    // No frame comes to see that the autosave is due.
    if (s.hidden && (++s.hidden_snapshots >= kHiddenSnapshots || !message.head.value("busy", false)))
      s.save_now();
  } else if (type == "progress") {
    if (message.head.value("id", 0) != s.job_id || s.job.kind == JobKind::None) return;
    s.job.progress = message.head.value("value", 0.0);
    if (std::string words = message.head.value("text", std::string()); !words.empty())
      s.job.text = std::move(words);
    if (s.job.progress > 0.02 && s.job_started_s >= 0)
      s.job.seconds_left = (s.now_s - s.job_started_s) * (1 - s.job.progress) / s.job.progress;
    s.changed();
  } else if (type == "changed") {
    if (message.head.value("run", 0) != s.run_id) return;
    s.project.changes.push_back({message.head.value("update", std::int64_t{0}),
                                 message.head.value("key", std::string()), message.head.value("value", 0.0)});
    s.touch();
  } else if (type == "done") {
    s.on_done(message);
  } else if (type == "failed") {
    s.on_failed(message);
  }
}

}  // namespace ribostep::session
