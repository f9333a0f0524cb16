// What the units of a network read, what a layer remembers, and the path of its states: questions about the
// whole data set go to the worker, the space of states of the current sequence is made here in slices.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "experiment/memory_probe.h"
#include "experiment/state_space.h"
#include "experiment/unit_reading.h"
#include "session/facet.h"
#include "session/session.h"
#include "session/side_trace.h"

namespace ribostep::session {

// ---- what crosses the border to the worker
nlohmann::json to_json(const experiment::UnitQuestion& question);
experiment::UnitQuestion unit_question_from(const nlohmann::json& json);
nlohmann::json to_json(const experiment::UnitReading& reading);
nlohmann::json to_json(const experiment::ProbeQuestion& question);
experiment::ProbeQuestion probe_question_from(const nlohmann::json& json);
nlohmann::json to_json(const experiment::ProbeResult& result);
// Null when the message is damaged.
std::unique_ptr<experiment::UnitReading> unit_reading_from(const nlohmann::json& json);
std::unique_ptr<experiment::ProbeResult> probe_result_from(const nlohmann::json& json);

// "h", "c" or a gate's symbol: what of a unit is looked at. Nothing where the cell has no such thing.
std::string value_symbol(const rnn::Network& net, const experiment::UnitPick& pick);
std::optional<experiment::UnitPick> unit_pick(const rnn::Network& net, int layer, int unit,
                                              const std::string& symbol);
// "\u03b7\u00b2 0.31", "r -0.42", or a dash where it is not defined.
std::string strength_words(const experiment::Relation& relation, double value);

// The states of one layer along the current sequence, in two or three axes.
struct SpaceView {
  experiment::StateSpace space;
  std::uint64_t serial = 0, trace = 0;  // trace: Session::trace_serial() it was made of
  int layer = 0, record = 0;
  bool cell = false;
  bool held = false;  // the axes are those of an earlier moment
  int length = 0, letters_per_step = 1;
  int position_of(int step) const;  // 1-based: the last letter of the step
  int step_of(int position) const;  // -1: before the first letter
};

class Units : public Facet {
 public:
  Units(Session& session, Session::State& state);
  ~Units() override;

  // Why the data set cannot be read now and what to do; empty when it can.
  std::string obstacle() const;
  std::string probe_obstacle() const;

  // ---- what does a unit read?
  void read(experiment::UnitQuestion question);  // the words of conditions "seq ~ WORD" are added
  const experiment::UnitReading* reading() const { return reading_.found.get(); }
  bool reading_busy() const { return reading_.id != 0; }
  bool reading_stale() const { return reading_.found && !current(reading_.about); }
  double reading_progress() const { return reading_.progress; }
  const std::string& reading_failure() const { return reading_.failure; }

  // ---- what does a layer remember?
  void probe(experiment::ProbeQuestion question);
  const experiment::ProbeResult* probed() const { return probe_.found.get(); }
  bool probe_busy() const { return probe_.id != 0; }
  bool probe_stale() const { return probe_.found && !current(probe_.about); }
  double probe_progress() const { return probe_.progress; }
  const std::string& probe_failure() const { return probe_.failure; }

  void cancel();  // both

  // ---- the space of states. Costs work, so somebody has to want it: until switched off, or for the moment
  // (a panel says so with each frame).
  void want_space(bool on);
  void look_at_space();
  void choose_space(int layer, bool cell);  // clamped to what there is
  int space_layer() const;                  // unless chosen: the topmost, forward
  bool space_cell() const;
  void hold_axes(bool on);  // the axes of this moment for every sequence and weight to come
  bool axes_held() const { return held_.has_value(); }
  const SpaceView* space() const;  // null while there is none of this sequence and layer
  double space_progress() const;
  std::string space_obstacle() const;
  // The untrained twin on the same letters: in axes of its own, and in those on show. Null while they are not
  // there, or when the trace on screen is the twin's itself.
  const experiment::StateSpace* twin_own() const;
  const experiment::StateSpace* twin_in_axes() const;
  std::string twin_obstacle() const;

  std::span<const VerbEntry> verbs() const override;
  bool update(double now_seconds) override;
  bool has_work() const override;
  void work_slice() override;
  bool hear(const Message& message) override;
  void worker_lost() override;
  void project_changed() override;
  void mirror(nlohmann::json& sections) const override;

 private:
  using Weights = std::shared_ptr<const std::vector<float>>;
  struct About {  // what an answer is of
    std::string set;
    bio::LabelRule rule = bio::LabelRule::Auto;
    rnn::ModelSpec model;
    Weights weights;
    std::uint64_t seed = 0;
  };
  template <class Found>
  struct Asked {
    int id = 0;  // of the request the worker has; 0: none
    double progress = 0;
    std::string failure;
    About asked, about;
    std::unique_ptr<Found> found;
  };
  Weights weights_now() const;
  About about_now() const;
  bool current(const About& about) const;  // the weights as well
  bool fits(const About& about) const;     // data and model alone
  template <class Found>
  void ask(Asked<Found>& which, const char* what, nlohmann::json question);
  template <class Found>
  void take_back(Asked<Found>& which, const char* what);
  template <class Found>
  bool hear_of(Asked<Found>& which, const char* what, const Message& message,
               std::unique_ptr<Found> (*parse)(const nlohmann::json&));
  void mirror_reading(nlohmann::json& sections) const;
  void mirror_probe(nlohmann::json& sections) const;
  void mirror_space(nlohmann::json& sections) const;

  bool space_wanted() const;
  bool space_is_due() const;  // the view is not of the trace on screen
  bool twin_wanted() const;
  std::string twin_key() const;
  void begin_space();
  bool space_step(double work);
  void twin_step();
  void drop_space();

  Session& session_;
  Session::State& state_;
  Asked<experiment::UnitReading> reading_;
  Asked<experiment::ProbeResult> probe_;

  struct Twin;
  bool space_on_ = false;
  int unseen_updates_ = 1 << 20;  // since a panel last looked
  int chosen_layer_ = -1;
  bool chosen_cell_ = false;
  std::optional<experiment::StateSpace> held_;
  std::unique_ptr<SpaceView> view_, next_;
  std::optional<experiment::StateSpaceBuilder> builder_;
  std::uint64_t space_serial_ = 0;
  std::unique_ptr<Twin> twin_;
};

}  // namespace ribostep::session
