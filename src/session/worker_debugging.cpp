#include "session/worker_debugging.h"

#include <utility>

namespace ribostep::session {
namespace {

class Refusal : public WorkerJob {
 public:
  Refusal(Emit emit, Message message) : emit_(std::move(emit)), message_(std::move(message)) {}
  bool run(double, Clock) override {
    emit_(std::move(message_));
    return true;
  }
  double progress() const override { return 0; }

 private:
  Emit emit_;
  Message message_;
};

}  // namespace

std::span<const bio::LetterEdit> letter_edits(const io::Project& project, int record) {
  for (const io::RecordEdits& edits : project.debugging.edits)
    if (edits.record == record) return edits.letters;
  return {};
}

std::unique_ptr<WorkerJob> refused_look(const LookRequest& request, std::string_view what, std::string text) {
  Message message;
  message.head = {{"type", "failed"}, {"job", what}, {"id", request.id}, {"text", std::move(text)}};
  return std::make_unique<Refusal>(request.emit, std::move(message));
}

MakeLook look_named(std::string_view what) {
  static constexpr std::pair<std::string_view, MakeLook> kLooks[] = {
      {"attribution", attribution_job},
      {"prefixes", prefixes_job},
      {"unit", unit_job},
      {"probe", probe_job},
      {"machine_check", machine_check_job},
      {"machine_extract", machine_extract_job}};
  for (const auto& [name, make] : kLooks)
    if (name == what) return make;
  return nullptr;
}

}  // namespace ribostep::session
