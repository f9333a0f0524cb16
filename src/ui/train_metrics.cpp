#include "ui/train_metrics.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "experiment/metrics.h"
#include "ui/format.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

struct Metric {
  const char* name;
  std::optional<double> loss;
  std::int64_t correct, n;
};

enum class MetricColumn : std::uint8_t { Loss, Perplexity, Bits, MeanSquare, Correct, Of, Interval };

struct Heading {
  MetricColumn column;
  const char* words;
  const char* sample;  // as wide as the column is made
  const char* tip;
};
constexpr Heading kLoss{MetricColumn::Loss, "loss", "0.0000", "Mean cross-entropy, natural logarithm"};
constexpr Heading kPerplexity{MetricColumn::Perplexity, "perplexity", "perplexity",
                              "e to the mean loss: as uncertain as among so many equally likely symbols"};
constexpr Heading kBits{MetricColumn::Bits, "bits", "0.0000", "Mean loss in bits per symbol"};
constexpr Heading kMeanSquare{MetricColumn::MeanSquare, "MSE", "000.0000",
                              "Mean square error over the values of the next vector"};
constexpr Heading kCorrect{MetricColumn::Correct, "correct", "100.0 %", "Share that is right"};
constexpr Heading kOf{MetricColumn::Of, "of", "00000", "Records, or positions for tasks per position"};
constexpr Heading kInterval{MetricColumn::Interval, "95 %", "100-100 %",
                            "95 % interval of the share that is right (Wilson)"};

std::vector<Heading> headings(rnn::Task task) {
  switch (task) {
    case rnn::Task::SequenceLabel:
      return {kLoss, kCorrect, kOf, kInterval};
    case rnn::Task::PositionLabel:
      return {kLoss, kCorrect, kOf};
    case rnn::Task::NextSymbol:
      return {kPerplexity, kBits, kCorrect, kOf};
    case rnn::Task::NextVector:
      break;
  }
  return {kMeanSquare, kOf};
}

std::string small_number(double value) {
  return value < 0.001 ? "<0.001" : significant(value, value < 0.01 ? 2 : 3);
}

// Names of baselines as short as the column.
const char* short_name(const std::string& name) {
  if (name == "majority class") return "majority";
  return name.starts_with("mean and deviation") ? "mean, s.d." : name.c_str();
}

// Small, because it stays in sight while training.
void metric_row(const Panel& p, const Metric& m, const std::vector<Heading>& columns) {
  ImGui::TableNextRow();
  ImGui::TableNextColumn();
  dim(p, m.name);
  const FontScope font(p.fonts.mono_small);
  const bool known = m.n > 0 && m.loss && std::isfinite(*m.loss);
  for (const Heading& heading : columns) {
    ImGui::TableNextColumn();
    switch (heading.column) {
      case MetricColumn::Loss:
      case MetricColumn::MeanSquare:
        if (known) text(small_number(*m.loss));
        break;
      case MetricColumn::Perplexity:
        if (known) text(significant(experiment::perplexity(*m.loss), 4));
        break;
      case MetricColumn::Bits:
        if (known) text(significant(experiment::bits_per_symbol(*m.loss), 4));
        break;
      case MetricColumn::Correct:
        text(accuracy(m.correct, m.n));
        break;
      case MetricColumn::Of:
        if (m.n >= kFewRecords) dim(p, thousands(m.n));
        break;
      case MetricColumn::Interval: {
        if (m.n < kFewRecords) break;
        const auto interval = experiment::wilson(static_cast<int>(m.correct), static_cast<int>(m.n));
        dim(p, interval_text(interval));
        tip(p, std::string(m.name) + ": " + thousands(m.correct) + " of " + thousands(m.n) + " right, " +
                   uncertainty(m.n, interval));
        break;
      }
    }
  }
}

void metric_headings(const Panel& p, const std::vector<Heading>& columns) {
  const bool weighed = p.session.train_settings().class_weights;
  ImGui::TableSetupColumn("", ImGuiTableColumnFlags_WidthStretch);
  for (const Heading& heading : columns) {
    const FontScope font(p.fonts.small);
    ImGui::TableSetupColumn("", ImGuiTableColumnFlags_WidthFixed, ImGui::CalcTextSize(heading.sample).x + 2);
  }
  ImGui::TableNextRow();
  ImGui::TableNextColumn();
  for (const Heading& heading : columns) {
    ImGui::TableNextColumn();
    dim(p, heading.words);
    const bool by_class = weighed && heading.column == MetricColumn::Loss;
    tip(p, std::string(heading.tip) + (by_class ? ", every class weighing alike" : ""));
  }
}

void draw_rate(const Panel& p, const session::Training& training) {
  const rnn::TrainConfig config = p.session.train_settings();
  if (training.curve.empty() || (config.schedule == rnn::Schedule::Constant && config.warmup == 0)) return;
  dim(p, "learning rate now " + significant(static_cast<double>(training.curve.back().learning_rate), 3) +
             " of " + significant(config.learning_rate, 3));
  tip(p, "Of the last update, as the schedule has it");
}

}  // namespace

void draw_train_metrics(Panel& p) {
  const session::Training& training = p.session.training();
  if (training.evaluations.empty()) return;
  draw_rate(p, training);
  const rnn::EvaluationPoint& now = training.evaluations.back();
  const rnn::Task task = p.session.project().model.task;
  const bool per_sequence = task == rnn::Task::SequenceLabel;
  const auto& baselines = p.session.predictions().baselines;
  const std::vector<Heading> columns = headings(task);
  const bool weighed = p.session.train_settings().class_weights;
  ImGui::PushStyleVar(ImGuiStyleVar_CellPadding, ImVec2(3, 1));
  if (ImGui::BeginTable("##metrics", static_cast<int>(columns.size()) + 1,
                        ImGuiTableFlags_SizingStretchProp | ImGuiTableFlags_NoSavedSettings)) {
    metric_headings(p, columns);
    metric_row(p, {"training", now.train_loss, now.train_correct, now.train_items}, columns);
    if (now.validation_items > 0)
      metric_row(p, {"validation", now.validation_loss, now.validation_correct, now.validation_items},
                 columns);
    // The simplest ones come first.
    for (std::size_t i = 0; i < std::min<std::size_t>(baselines.size(), 2); ++i) {
      const experiment::BaselineScore& b = baselines[i];
      if (!b.applicable || b.n == 0) continue;
      // A weighed loss of the network and a plain one of a baseline are not to be compared.
      const std::optional<double> loss = weighed ? std::nullopt : b.metrics.loss;
      metric_row(p, {short_name(b.name), loss, b.correct, b.n}, columns);
    }
    ImGui::EndTable();
  }
  ImGui::PopStyleVar();
  if (!per_sequence && now.validation_items > 0)
    dim_wrapped(p, counted(now.validation_items, "validation position", "validation positions"));
  if (baselines.empty()) {
    if (link(p, "Compare with simple baselines")) p.session.predict();
    tip(p, "Predicts every sequence and fits the simplest methods to the same training records");
  }
}

}  // namespace ribostep::ui
