#include "session/worker_helper.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "io/json_put.h"

namespace ribostep::session {
namespace {

using io::put;

std::int64_t whole(const nlohmann::json& head, const char* key) {
  return head.contains(key) && head[key].is_number_integer() ? head[key].get<std::int64_t>() : -1;
}

template <class T>
std::vector<T> numbers(std::span<const std::uint8_t> bytes) {
  std::vector<T> out(bytes.size() / sizeof(T));
  if (!out.empty()) std::memcpy(out.data(), bytes.data(), out.size() * sizeof(T));
  return out;
}

}  // namespace

Bytes pack_part(const rnn::BatchResult& result, std::span<const float> gradient) {
  const double sums[] = {result.loss, result.weight};
  Bytes bytes(sizeof sums + gradient.size_bytes());
  std::memcpy(bytes.data(), sums, sizeof sums);
  if (!gradient.empty()) std::memcpy(bytes.data() + sizeof sums, gradient.data(), gradient.size_bytes());
  return bytes;
}

std::optional<PartAnswer> unpack_part(const Message& answer) {
  double sums[2];
  if (answer.body.size() < sizeof sums) return std::nullopt;
  std::memcpy(sums, answer.body.data(), sizeof sums);
  PartAnswer part;
  part.result.loss = sums[0];
  part.result.weight = sums[1];
  part.result.items = whole(answer.head, "items");
  part.result.correct = whole(answer.head, "correct");
  part.result.unsettled = whole(answer.head, "unsettled");
  part.gradient = numbers<float>(std::span<const std::uint8_t>(answer.body).subspan(sizeof sums));
  return part;
}

TrainingHelper::TrainingHelper(int number, int run, const io::Project& project, PreparedPtr prepared,
                               Emit emit)
    : number_(number),
      run_(run),
      prepared_(std::move(prepared)),
      emit_(std::move(emit)),
      parameter_count_(rnn::make_network(project.model).parameter_count),
      work_(rnn::make_network(project.model),
            experiment::training_material(*prepared_, project.model, project.train, project.seed).training,
            project.train, project.seed) {
  emit_({{{"type", "helping"}, {"helper", number_}, {"run", run_}}, {}});
}

void TrainingHelper::ask(const Message& parts) {
  const nlohmann::json& head = parts.head;
  if (whole(head, "run") != run_ || !head.contains("parts") || !head["parts"].is_array()) return;
  std::span<const std::uint8_t> body(parts.body);
  const std::size_t weights = parameter_count_ * sizeof(float);
  if (body.size() < weights) return;
  // A new round: nobody waits any more for what was left of the last.
  queue_.clear();
  round_ = whole(head, "round");
  parameters_ = numbers<float>(body.first(weights));
  const std::vector<int> rows = numbers<int>(body.subspan(weights));
  const auto examples = static_cast<int>(work_.data().train.size());
  const auto blocks = static_cast<std::int64_t>(work_.evaluation().size());
  std::size_t at = 0;
  for (const nlohmann::json& one : head["parts"]) {
    if (!one.is_array() || one.size() != 3) return;
    Asked asked;
    asked.round = round_;
    asked.update = whole(head, "update");
    asked.scale = head.value("scale", 0.0f);
    asked.number = one[0].get<int>();
    asked.part = {rnn::PartKind::Gradient, one[1].get<int>(), one[2].get<int>()};
    if (head.value("evaluation", false)) {
      if (asked.number < 0 || asked.number >= blocks) return;
      asked.part = work_.evaluation()[static_cast<std::size_t>(asked.number)];
    } else {
      const auto count = static_cast<std::size_t>(std::max(0, asked.part.end - asked.part.begin));
      if (at + count > rows.size()) return;
      asked.rows.assign(rows.begin() + static_cast<std::ptrdiff_t>(at),
                        rows.begin() + static_cast<std::ptrdiff_t>(at + count));
      at += count;
      for (const int row : asked.rows)
        if (row < 0 || row >= examples) return;
    }
    queue_.push_back(std::move(asked));
  }
}

void TrainingHelper::skip(const Message& which) {
  if (whole(which.head, "run") != run_) return;
  const std::int64_t round = whole(which.head, "round"), part = whole(which.head, "part");
  queue_.erase(
      std::remove_if(queue_.begin(), queue_.end(),
                     [&](const Asked& asked) { return asked.round == round && asked.number == part; }),
      queue_.end());
}

void TrainingHelper::work() {
  if (queue_.empty()) return;
  const Asked asked = std::move(queue_.front());
  queue_.pop_front();
  rnn::BatchResult result;
  const bool gradient = asked.part.kind == rnn::PartKind::Gradient;
  if (gradient) {
    gradient_.resize(parameter_count_);
    result = work_.gradient(parameters_, work_.rows(asked.update, asked.rows, asked.part.begin), asked.update,
                            asked.part.begin, asked.scale, gradient_);
  } else {
    result = work_.loss(parameters_, asked.part);
  }
  Message done;
  put(done.head, "type", "part");
  put(done.head, "helper", number_);
  put(done.head, "run", run_);
  put(done.head, "round", asked.round);
  put(done.head, "part", asked.number);
  put(done.head, "items", result.items);
  put(done.head, "correct", result.correct);
  put(done.head, "unsettled", result.unsettled);
  done.body = pack_part(result, gradient ? std::span<const float>(gradient_) : std::span<const float>());
  emit_(std::move(done));
}

}  // namespace ribostep::session
