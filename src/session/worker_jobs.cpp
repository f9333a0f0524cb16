// Reading, cross-validating and scanning in slices; predicting is in predict_job.cpp.
#include "session/worker_jobs.h"

#include <algorithm>
#include <utility>

#include "bio/shuffle.h"
#include "io/encoding.h"
#include "io/json_put.h"
#include "io/tables.h"

namespace ribostep::session {
namespace {

using io::put;

constexpr std::size_t kReadSlice = 256 * 1024;  // bytes; a few milliseconds

nlohmann::json diagnostics_json(const Diagnostics& diagnostics) {
  nlohmann::json list = nlohmann::json::array();
  for (const Diagnostic& d : diagnostics)
    list.push_back({static_cast<int>(d.severity), d.line, d.column, d.message});
  return list;
}

class ReadJob : public WorkerJob {
 public:
  ReadJob(Message request, Emit emit) : request_(std::move(request)), emit_(std::move(emit)) {
    bio::ReadOptions options;
    if (request_.head.contains("alphabet") && request_.head["alphabet"].is_string())
      options.alphabet = bio::alphabet_kind(request_.head["alphabet"].get<std::string>());
    reader_.emplace(request_.body, options);
  }
  bool run(double until_ms, Clock now) override {
    do {
      if (!reader_->run(kReadSlice)) continue;
      bio::ReadResult result = reader_->take();
      Message done;
      put(done.head, "type", "done");
      put(done.head, "job", "read");
      put(done.head, "id", request_.head.value("id", 0));
      put(done.head, "name", request_.head.value("name", std::string()));
      put(done.head, "format", bio::name(result.format));
      put(done.head, "detected", result.alphabet_detected);
      put(done.head, "diagnostics", diagnostics_json(result.diagnostics));
      if (!result.data.empty()) {
        done.head["hash"] = result.data.content_hash();
        done.body = result.data.pack();
      }
      emit_(std::move(done));
      return true;
    } while (now() < until_ms);
    return false;
  }
  double progress() const override { return reader_->progress(); }

 private:
  Message request_;
  Emit emit_;
  std::optional<bio::Reader> reader_;
};

class CrossValidationJob : public WorkerJob {
 public:
  CrossValidationJob(const io::Project& project, PreparedPtr prepared, FoldRequest request, int id, Emit emit)
      : prepared_(std::move(prepared)),
        request_(request),
        id_(id),
        emit_(std::move(emit)),
        validator_(*prepared_, project.model, project.train, project.seed, request.folds, request.seed) {}
  bool run(double until_ms, Clock now) override {
    do {
      if (!validator_.run()) continue;
      const experiment::CrossValidationResult& r = validator_.result();
      nlohmann::json baselines = nlohmann::json::array();
      for (const auto& b : r.baselines) baselines.push_back(score_json(b));
      Message done;
      put(done.head, "type", "done");
      put(done.head, "job", "cross_validate");
      put(done.head, "id", id_);
      put(done.head, "folds", r.folds);
      put(done.head, "seed", r.fold_seed);
      put(done.head, "predicted", r.predicted);
      put(done.head, "n", r.n);
      put(done.head, "correct", r.correct);
      put(done.head, "baselines", std::move(baselines));
      put(done.head, "metrics", metrics_json(r.metrics));
      put(done.head, "leave_one_out", request_.leave_one_out);
      done.body = io::float_bytes(r.probabilities);
      emit_(std::move(done));
      return true;
    } while (now() < until_ms);
    return false;
  }
  double progress() const override { return validator_.progress(); }
  std::string words() const override {
    return cross_validation_words(validator_.folds(), request_.leave_one_out) + ", fold " +
           std::to_string(validator_.fold()) + " of " + std::to_string(validator_.folds());
  }

 private:
  PreparedPtr prepared_;
  FoldRequest request_;
  int id_;
  Emit emit_;
  experiment::CrossValidator validator_;
};

// One record in windows, on both strands if asked; the result is a table of where each window lies on the
// given strand (1-based, inclusive) and the probability of every class.
class ScanJob : public WorkerJob {
 public:
  ScanJob(const io::Project& project, PreparedPtr prepared, std::vector<float> weights, ScanRequest request,
          int id, Emit emit)
      : project_(project),
        prepared_(std::move(prepared)),
        weights_(std::move(weights)),
        request_(request),
        id_(id),
        emit_(std::move(emit)),
        forward_(rnn::make_network(project_.model), prepared_->table) {
    const auto tokens = prepared_->data->tokens(request_.record);
    forward_tokens_.assign(tokens.begin(), tokens.end());
    if (request_.both_strands)
      reverse_tokens_ = bio::reverse_complement(prepared_->data->alphabet(), forward_tokens_);
    table_ = "sequence\tstart\tend\tstrand\tpredicted";
    for (const std::string& name : prepared_->labels.classes) table_ += "\tp(" + io::tsv_cell(name) + ")";
    table_ += "\n";
    const int length = static_cast<int>(forward_tokens_.size());
    windows_ = length < request_.window ? 1 : (length - request_.window) / request_.stride + 1;
  }
  bool run(double until_ms, Clock now) override {
    do {
      if (next_ < windows_) {
        score(forward_tokens_, '+');
        if (request_.both_strands) score(reverse_tokens_, '-');
        ++next_;
        continue;
      }
      Message done;
      put(done.head, "type", "done");
      put(done.head, "job", "scan");
      put(done.head, "id", id_);
      put(done.head, "windows", windows_);
      done.body.assign(table_.begin(), table_.end());
      emit_(std::move(done));
      return true;
    } while (now() < until_ms);
    return false;
  }
  double progress() const override { return static_cast<double>(next_) / std::max(1, windows_); }

 private:
  void score(const std::vector<std::uint8_t>& strand, char sign) {
    const int length = static_cast<int>(strand.size());
    const int begin = next_ * request_.stride;
    const int end = std::min(length, begin + request_.window);
    // On the reverse strand the same window is read from its other end.
    const int from = sign == '+' ? begin : length - end;
    // What the record says of itself holds for each window.
    rnn::Example one = experiment::example(*prepared_, project_.model, request_.record);
    const auto channels = static_cast<std::size_t>(prepared_->data->channels());
    one.tokens =
        std::span(strand).subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(end - begin));
    one.values = one.values.subspan(static_cast<std::size_t>(from) * channels, one.tokens.size() * channels);
    one.position_labels = {};
    one.label = 0;
    if (rnn::steps(project_.model, one) == 0) return;  // shorter than a codon
    std::vector<float> probabilities;
    forward_.evaluate(weights_, std::span(&one, 1), &probabilities);
    const auto best = static_cast<std::size_t>(std::max_element(probabilities.begin(), probabilities.end()) -
                                               probabilities.begin());
    const std::vector<std::string>& classes = prepared_->labels.classes;
    table_ += io::tsv_cell(prepared_->data->name(request_.record)) + "\t" + std::to_string(begin + 1) + "\t" +
              std::to_string(end) + "\t" + sign + "\t" +
              (best < classes.size() ? io::tsv_cell(classes[best]) : "(none)");
    for (const float p : probabilities) table_ += "\t" + io::number(static_cast<double>(p));
    table_ += "\n";
  }

  io::Project project_;
  PreparedPtr prepared_;
  std::vector<float> weights_;
  ScanRequest request_;
  int id_;
  Emit emit_;
  rnn::Bptt<float> forward_;
  std::vector<std::uint8_t> forward_tokens_, reverse_tokens_;
  std::string table_;
  int windows_ = 0, next_ = 0;
};

}  // namespace

// Five numbers; null where a figure is not defined.
nlohmann::json metrics_json(const experiment::Metrics& m) {
  nlohmann::json list = nlohmann::json::array();
  for (const std::optional<double>& v : {m.balanced_accuracy, m.matthews, m.auroc, m.auprc, m.loss})
    list.push_back(v ? nlohmann::json(*v) : nlohmann::json());
  return list;
}

experiment::Metrics metrics_from(const nlohmann::json& json) {
  experiment::Metrics m;
  if (!json.is_array() || json.size() != 5) return m;
  std::size_t i = 0;
  for (std::optional<double>* v : {&m.balanced_accuracy, &m.matthews, &m.auroc, &m.auprc, &m.loss}) {
    const nlohmann::json& number = json[i++];
    if (number.is_number()) *v = number.get<double>();
  }
  return m;
}

nlohmann::json score_json(const experiment::BaselineScore& score) {
  return {score.name, score.applicable, score.why_not, score.n, score.correct, metrics_json(score.metrics)};
}

experiment::BaselineScore score_from(const nlohmann::json& json) {
  experiment::BaselineScore score;
  if (!json.is_array() || json.size() != 6) return score;
  score.name = json[0].get<std::string>();
  score.applicable = json[1].get<bool>();
  score.why_not = json[2].get<std::string>();
  score.n = json[3].get<int>();
  score.correct = json[4].get<int>();
  score.interval = experiment::wilson(score.correct, score.n);
  score.metrics = metrics_from(json[5]);
  return score;
}

std::vector<int> ints_from(const nlohmann::json& json) {
  std::vector<int> values;
  if (json.is_array())
    for (const auto& v : json) values.push_back(v.is_number_integer() ? v.get<int>() : -1);
  return values;
}

std::unique_ptr<WorkerJob> read_job(Message request, Emit emit) {
  return std::make_unique<ReadJob>(std::move(request), std::move(emit));
}
std::unique_ptr<WorkerJob> cross_validation_job(const io::Project& project, PreparedPtr prepared,
                                                FoldRequest request, int id, Emit emit) {
  return std::make_unique<CrossValidationJob>(project, std::move(prepared), request, id, std::move(emit));
}
std::string cross_validation_words(int folds, bool leave_one_out) {
  return leave_one_out ? "leave-one-out cross-validation" : std::to_string(folds) + "-fold cross-validation";
}
std::unique_ptr<WorkerJob> scan_job(const io::Project& project, PreparedPtr prepared,
                                    std::vector<float> weights, ScanRequest request, int id, Emit emit) {
  return std::make_unique<ScanJob>(project, std::move(prepared), std::move(weights), request, id,
                                   std::move(emit));
}

}  // namespace ribostep::session
