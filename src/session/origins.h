// Where a number comes from: its terms in words, the hops from one to the next, and jumps with back and
// forward that the browser's own Back takes back, too. Also the untrained twin of the memory gauge.
#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rnn/origin.h"
#include "session/facet.h"
#include "session/session.h"
#include "session/side_trace.h"

namespace ribostep::session {

// A term as people read it.
struct OriginRow {
  std::string name;     // "W_hf · h₅(16)"
  std::string numbers;  // "0.73 × −0.41"; empty where it is one number
  std::string place;    // "position 16"; empty: given or learned
  std::string gate;     // "r₃": the gate that lets it through; empty: none
};
struct OriginView {
  rnn::Origin origin;
  int position = 0;      // of the number
  std::string symbol;    // "f₃"
  std::string title;     // "forget gate of unit 3, position 17"
  std::string equation;  // "f₃ = σ(sum of 21 terms) = σ(−0.4213) = 0.3962"
  std::string sentence;  // "mostly W_hf · h₅(16): 62 % of what pushes up"; or why there are no terms
  std::vector<OriginRow> rows;  // as origin.terms
};

class Origins : public Facet {
 public:
  Origins(Session& session, Session::State& state) : session_(session), state_(state) {}

  // ---- asking
  // Moves the cursor to the number; says so where there is none. The number that is asked about already, at
  // the cursor: follows its largest term.
  void ask(const rnn::Quantity& of);
  // The state (or, gate >= 0, a gate; gate == the number of gates: c) of a unit after a position.
  void ask_unit(int layer, int unit, int gate, int position);
  void ask_output(rnn::NumberKind what, int output, int position);
  void dismiss();
  // The number asked about on the current sequence; null: none, or there is no trace of it yet.
  const OriginView* view() const;
  bool asked() const;            // something is, whether or not its trace is there
  std::uint64_t serial() const;  // grows with every other number, or other numbers behind it

  // On to what a term is made of (-1: the largest), or to the gate that lets it through. A jump.
  void follow(int term = -1, bool through_gate = false);

  // ---- jumps: hops, hits of conditions, clicks in pictures; not stepping and scrubbing
  // Call before the cursor moves: keeps where we are, to come back to.
  void note_jump();
  bool can_go_back() const { return now_ > 0; }
  bool can_go_forward() const { return now_ + 1 < places_.size(); }
  void back() { travel_by(-1); }
  void forward() { travel_by(1); }
  void travel_by(int places);
  void jump_to(std::uint64_t serial);  // the page's history has been there already

  struct Crumb {
    std::string label;  // "f₃(17)"
    int places = 0;     // away from here
  };
  std::vector<Crumb> trail() const;  // of hops around here, oldest first; places == 0 is here

  // ---- the memory gauge: the network before its first update on the same letters
  void want_twin(bool on);
  const rnn::Trace* twin() const { return twin_.trace(); }
  std::string twin_obstacle() const;  // why there is none; empty while it is there or being made
  std::uint64_t twin_serial() const { return twin_.trace() ? twin_.serial() : 0; }

  std::span<const VerbEntry> verbs() const override;
  bool update(double now_seconds) override;
  bool has_work() const override { return twin_.has_work(); }
  void work_slice() override;
  void project_changed() override;
  void mirror(nlohmann::json& sections) const override;

 private:
  struct Place {
    std::uint64_t serial = 0;
    int record = 0, position = 0;
    std::optional<rnn::Quantity> asked;
    int asked_record = 0;
    bool followed = false;  // by a hop from the place before
  };
  Place& here() { return places_[now_]; }
  const Place& here() const { return places_[now_]; }
  std::optional<rnn::Quantity> asked_here() const;
  int position_of(const rnn::Quantity& of) const;
  void leave();
  void push();
  void travel(std::size_t to, bool tell_page);
  void set_asked(const rnn::Quantity& of, bool followed);

  Session& session_;
  Session::State& state_;
  std::deque<Place> places_{Place{}};
  std::size_t now_ = 0;
  std::uint64_t next_serial_ = 1;
  std::string set_;  // content hash of the data the places are in
  // The answer, made when somebody looks.
  mutable std::unique_ptr<OriginView> view_;
  mutable std::optional<rnn::Quantity> view_of_;
  mutable std::uint64_t view_trace_ = 0, view_serial_ = 0;
  SideTrace twin_;
  bool twin_wanted_ = false;
};

// The words of an answer; see origin_words.cpp.
OriginView origin_view(const Session& session, rnn::Origin origin);
std::string origin_symbol(const Session& session, const rnn::Quantity& of);  // "f₃(17)"

}  // namespace ribostep::session
