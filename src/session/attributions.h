// How much each letter contributes to an output, and the prediction of every prefix. Asked of the worker;
// what it found stays until the sequence or the model is another.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "experiment/attribution.h"
#include "session/facet.h"
#include "session/session.h"

namespace ribostep::session {

// The same of the network before its first update: what it finds too is no finding.
struct AttributionControl {
  double sum = 0, f = 0, f0 = 0;
  double correlation = 0;  // of its contributions with the trained network's
};
// Probabilities of the outputs (of a vector: its values) when only the first so many letters are read.
struct Prefixes {
  std::vector<int> lengths;          // ascending
  std::vector<float> probabilities;  // [lengths][K]
  int outputs = 0;
};

inline constexpr int kMostAttributed = 2000;  // positions, in the page
inline constexpr int kMostPrefixes = 400;     // that are read one by one

// ---- what crosses the border to the worker
void pack(const experiment::Attribution& from, Message& to, const AttributionControl* control);
// Null when the message is damaged. Letters and effects of [0, reach) alone.
std::unique_ptr<experiment::Attribution> unpack_attribution(const Message& message,
                                                            std::optional<AttributionControl>& control);
nlohmann::json request_json(const experiment::AttributionRequest& request);
experiment::AttributionRequest attribution_request_from(const nlohmann::json& head);

class Attributions : public Facet {
 public:
  Attributions(Session& session, Session::State& state) : session_(session), state_(state) {}

  // ---- what would be asked. Not part of the project.
  // With the row of the cursor; unless chosen, of the positive one of two outputs, or of the first.
  experiment::AttributionRequest choice() const;
  void choose(const experiment::AttributionRequest& choice);
  bool with_twin() const;  // unless chosen: wherever the work is small
  void set_with_twin(bool on);
  std::string obstacle() const;  // why it cannot be asked now and what to do; empty when it can

  void ask();
  void cancel();
  bool busy() const { return id_ != 0; }
  double progress() const { return progress_; }
  const std::string& words() const { return words_; }  // of what is going on

  // ---- what was found of the current sequence; null while there is nothing. Grows while it is computed.
  const experiment::Attribution* result() const;
  bool complete() const { return complete_; }          // else it still grows, or was cancelled
  const AttributionControl* control() const;           // null: none
  std::string twin_missing() const;                    // why there is none beside what was found; or empty
  bool stale() const;                                  // letters or weights have changed since
  std::string about() const;                           // "score of promoter at position 17"
  std::string contribution_words(int position) const;  // of a letter, 1-based; may be empty
  std::uint64_t serial() const { return serial_; }     // of the numbers

  // ---- prefixes
  bool prefixes_wanted() const { return prefixes_wanted_; }
  void want_prefixes(bool on);
  std::string prefixes_obstacle() const;
  bool prefixes_from_trace() const;  // its rows are what is asked for: no work
  int prefix_count() const;          // 0: none yet
  int prefix_length(int i) const;    // letters read
  float prefix_probability(int i, int output) const;
  double prefixes_progress() const { return prefixes_id_ != 0 ? prefixes_progress_ : 1; }
  std::uint64_t prefixes_serial() const;

  std::span<const VerbEntry> verbs() const override;
  bool update(double now_seconds) override;
  bool hear(const Message& message) override;
  void worker_lost() override;
  void project_changed() override;
  std::uint64_t tracks_revision() const override { return tracks_; }
  void mirror(nlohmann::json& sections) const override;

 private:
  using Weights = std::shared_ptr<const std::vector<float>>;
  struct About {  // what a figure is of
    std::string set, letters;
    int record = -1;
    rnn::ModelSpec model;
    Weights weights;
  };
  static experiment::AttributionRequest unchosen() {
    experiment::AttributionRequest request;
    request.output = -1;
    return request;
  }
  const Weights& weights_now() const;  // of the trace on screen
  About about_now() const;
  bool of_current(const About& about) const;  // the same record of the same data and model
  bool same_weights(const About& about) const;
  int row_now() const;
  bool keep_prefixes(double now_seconds);
  void drop_result();
  double twin_work() const;  // about so many steps of the network
  Session& session_;
  Session::State& state_;

  experiment::AttributionRequest choice_ = unchosen();
  std::optional<bool> with_twin_;
  int id_ = 0;
  double progress_ = 0;
  std::string words_, no_twin_;  // of what goes on; why the twin was not asked for
  About asked_, found_about_;
  std::unique_ptr<experiment::Attribution> found_;
  std::optional<AttributionControl> control_;
  bool complete_ = false;
  std::uint64_t serial_ = 0, tracks_ = 0;

  bool prefixes_wanted_ = false, prefixes_failed_ = false;
  int prefixes_id_ = 0, prefixes_row_ = -1, prefixes_asked_row_ = -1;
  double prefixes_progress_ = 0, prefixes_asked_s_ = -1e9;
  About prefixes_asked_, prefixes_about_;
  Prefixes prefixes_;
  std::uint64_t prefixes_serial_ = 0;

  mutable Weights weights_, compared_[2];
  mutable std::uint64_t weights_of_ = 0;  // serial of the session
  mutable bool compared_same_ = false;
};

}  // namespace ribostep::session
