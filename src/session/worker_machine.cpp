// The worker's side of machines: proving and checking a network, and getting a machine out of one.
#include <algorithm>
#include <utility>

#include "session/machine_parts.h"
#include "session/worker_debugging.h"

namespace ribostep::session {
namespace {

constexpr int kStringsPerSlice = 64, kQuestionsPerSlice = 64;
constexpr std::size_t kExtractStrings = 400, kExtractLetters = 20'000;  // of the data, for clusters

void answer(const Emit& emit, const char* what, int id, nlohmann::json json) {
  Message done;
  done.head = {{"type", "done"}, {"job", what}, {"id", id}, {"answer", std::move(json)}};
  emit(std::move(done));
}

nlohmann::json question_in(const LookRequest& request) {
  return request.head.value("question", nlohmann::json::object());
}

class CheckJob : public WorkerJob {
 public:
  CheckJob(LookRequest request, MachineStages stages)
      : stages_(std::move(stages)),
        net_(rnn::make_network(request.project.model)),
        weights_(std::move(request.weights)),
        id_(request.id),
        emit_(std::move(request.emit)) {
    const nlohmann::json question = question_in(request);
    found_.without = motif::obstacle_of_proof(*stages_.minimal, net_.spec);
    if (found_.without.empty() && request.prepared->data->alphabet().symbols != stages_.minimal->symbols)
      found_.without = "the network reads other letters than the machine";
    found_.with_network = found_.without.empty();
    options_.letters = static_cast<std::int64_t>(real_in(question, "letters", 1e6));
    options_.seed = static_cast<std::uint64_t>(std::max(0, whole_in(question, "seed", 1)));
  }

  bool run(double until_ms, Clock now) override {
    if (!agreement_) {
      if (found_.with_network) found_.proof = motif::prove(*stages_.minimal, net_, weights_);
      agreement_ = std::make_unique<motif::Agreement>(
          stages_.pattern ? &*stages_.pattern : nullptr, stages_.nfa ? &*stages_.nfa : nullptr, &*stages_.dfa,
          *stages_.minimal, found_.with_network ? &net_ : nullptr, weights_, options_);
      return false;
    }
    do {
      if (!agreement_->run(kStringsPerSlice)) continue;
      found_.agreement = agreement_->report();
      answer(emit_, "machine_check", id_, to_json(found_));
      return true;
    } while (now() < until_ms);
    return false;
  }
  double progress() const override { return agreement_ ? agreement_->progress() : 0; }

 private:
  MachineStages stages_;
  rnn::Network net_;
  std::vector<float> weights_;
  int id_;
  Emit emit_;
  motif::AgreementOptions options_;
  MachineCheck found_;
  std::unique_ptr<motif::Agreement> agreement_;
};

class ExtractJob : public WorkerJob {
 public:
  ExtractJob(LookRequest request, int accept_class)
      : prepared_(std::move(request.prepared)), id_(request.id), emit_(std::move(request.emit)) {
    const bio::Dataset& data = *prepared_->data;
    std::vector<motif::Word> strings;
    std::size_t letters = 0;
    for (int i = 0; i < data.size() && strings.size() < kExtractStrings && letters < kExtractLetters; ++i) {
      const auto tokens = data.tokens(i);
      const bool plain = std::all_of(tokens.begin(), tokens.end(),
                                     [&](std::uint8_t t) { return data.alphabet().is_symbol(t); });
      if (!plain || tokens.size() > kExtractLetters) continue;
      strings.emplace_back(tokens.begin(), tokens.end());
      letters += tokens.size();
    }
    extractor_ = std::make_unique<motif::Extractor>(rnn::make_network(request.project.model), request.weights,
                                                    prepared_->table, std::string(data.alphabet().symbols),
                                                    accept_class, strings,
                                                    extraction_options_from(question_in(request)));
  }

  bool run(double until_ms, Clock now) override {
    do {
      if (!extractor_->run(kQuestionsPerSlice)) continue;
      answer(emit_, "machine_extract", id_, to_json(extractor_->take()));
      return true;
    } while (now() < until_ms);
    return false;
  }
  double progress() const override { return extractor_->progress(); }
  std::string words() const override { return extractor_->stage(); }

 private:
  PreparedPtr prepared_;
  int id_;
  Emit emit_;
  std::unique_ptr<motif::Extractor> extractor_;
};

}  // namespace

std::unique_ptr<WorkerJob> machine_check_job(LookRequest request) {
  const auto& setup = request.project.debugging.machine;
  if (!setup) return refused_look(request, "machine_check", "there is no pattern");
  MachineStages stages = make_stages(*setup);
  if (!stages.ok())
    return refused_look(request, "machine_check", "the pattern cannot be made into a machine");
  return std::make_unique<CheckJob>(std::move(request), std::move(stages));
}

std::unique_ptr<WorkerJob> machine_extract_job(LookRequest request) {
  const nlohmann::json question = question_in(request);
  const bool clusters = text_in(question, "method") == "clusters";
  const int cls = whole_in(question, "class", 0);
  if (const std::string why = motif::obstacle_of_extraction(request.project.model, clusters); !why.empty())
    return refused_look(request, "machine_extract", why);
  if (cls < 0 || cls >= request.project.model.outputs())
    return refused_look(request, "machine_extract", "there is no such class: choose another");
  return std::make_unique<ExtractJob>(std::move(request), cls);
}

}  // namespace ribostep::session
