// Conditions over a run: breakpoints, marks and watches, and names of units. What they say is src/query's;
// here they belong to the project, are computed whenever the run on screen is another, and are walked along.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/debugging.h"
#include "query/condition.h"
#include "query/condition_eval.h"
#include "session/facet.h"
#include "session/session.h"

namespace ribostep::session {

// A condition over the run on screen.
struct ConditionHits {
  query::Parsed parsed;   // a problem: it says nothing about this model or these data, and is passed over
  bool ready = false;     // `hits` and `values` are of the run on screen
  bool waiting = false;   // it needs the states, which are not there
  std::vector<int> hits;  // positions >= 1 at which it holds, ascending; a quantity has none
  // At positions 0..length, where it is watched; NaN: nothing to say. `low` > `high`: no finite number.
  std::vector<float> values;
  float low = 1, high = 0;
  std::uint64_t serial = 0;  // grows when it was computed anew
};

struct ConditionPreset {
  const char* label;  // "The most probable output changes"
  std::string text;
};

class Conditions : public Facet {
 public:
  Conditions(Session& session, Session::State& state) : session_(session), state_(state) {}

  // ---- the list, as in the project; undoable
  const std::vector<io::Condition>& list() const;
  const ConditionHits& hits(int index) const;  // of list()[index]; empty while it is new
  // Why this text is no condition here; a quantity alone is refused unless it is only watched.
  query::Parsed check(std::string_view text) const;
  query::Completion complete(std::string_view text, std::size_t caret) const;
  // False: refused, and the status line says why.
  bool add(io::Condition condition);
  bool change(int index, io::Condition to);
  void remove(int index);
  std::vector<ConditionPreset> presets() const;  // those this model and these data have

  // ---- walking along the run. `index`: of one condition; -1: of all that are on and stop or mark.
  int next_hit(int from, int index = -1) const;  // -1: none
  int previous_hit(int from, int index = -1) const;
  void go_to_next_hit(int index = -1);  // says where there is none
  void go_to_previous_hit(int index = -1);
  int count(int index = -1) const;          // positions with a hit
  int rank(int position, int index) const;  // hits up to and including it
  bool any_hits_wanted() const;             // some condition stops or marks
  // "hit 3 of 17", "17 hits", "no hit in this sequence", "waits for the states", or the problem.
  std::string words(int index) const;

  // The first position p, from < p <= to, at which a breakpoint stops a run; -1: none. Every run also stops
  // where a state or an output stops being a finite number. Says in the status line what it was.
  int first_stop(int from, int to);
  // A breakpoint needs states that are still being computed: the run waits for them. Says so once, and where
  // they will never come, which holds nothing up.
  bool holds_run();
  void run_to_stop();  // at once, without showing what is between

  // ---- names of units; undoable
  std::string unit_name(int layer, int unit) const;  // empty: none
  // "unit 3", or "unit 3 "frame counter"".
  std::string unit_label(int layer, int unit) const;
  // An empty name takes it away. Conditions that use the old name follow. False: refused.
  bool name_unit(int layer, int unit, std::string name);

  std::span<const VerbEntry> verbs() const override;
  bool update(double now_seconds) override;
  bool has_work() const override;
  void work_slice() override;
  void project_changed() override { parsed_ = false; }
  std::uint64_t tracks_revision() const override { return tracks_revision_; }
  void mirror(nlohmann::json& sections) const override;

 private:
  // What results were computed from.
  struct Run {
    std::uint64_t trace = 0;  // serial; 0: there is no trace of these letters
    const void* data = nullptr;
    int record = -1;
    std::string letters;
    bool operator==(const Run&) const = default;
  };
  Run run_on_screen() const;
  bool run_changed() const;
  query::Vocabulary vocabulary() const;
  query::Subject subject() const;
  std::span<const std::string> channels() const;
  void read();   // parses the list where it or the model changed
  void begin();  // notices a new run
  bool pending(int index) const;
  void compute_block(int index);
  void settle();  // computes all there is; a few milliseconds at 50,000 positions
  bool wanted(int index) const;
  bool lacks_states(int index) const;      // it needs them, and they are not there
  bool stop_lacks_states() const;          // of some breakpoint
  bool hit_lacks_states(int index) const;  // of those that would be walked along
  std::string no_states_words() const;
  template <class F>
  void each_wanted(int index, F f) const;
  void set(std::size_t index, io::Condition to);
  std::string refusal(const io::Condition& condition) const;
  std::string stop_words(int position, int index) const;

  Session& session_;
  Session::State& state_;
  std::vector<io::Condition> list_;  // as they were parsed
  std::vector<io::UnitName> names_of_;
  std::vector<query::UnitName> names_;
  bool parsed_ = false;
  bool held_ = false;                        // a run goes on, and it was said that states are missing
  std::vector<ConditionHits> found_, next_;  // shown, and being computed
  std::vector<int> done_;                    // positions of next_ that are computed
  Run run_;
  std::string refused_;  // what was refused last, and why, for the mirror
  std::string refused_why_;
  std::uint64_t tracks_revision_ = 0, serials_ = 0;
};

}  // namespace ribostep::session
