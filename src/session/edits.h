// Changing what is read and what is remembered, to see what follows: letters of the current sequence, states
// by hand, single weights. Edits of letters and states belong to the record and are never trained on; an
// edited weight is a new start for training.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "experiment/edited.h"
#include "io/debugging.h"
#include "rnn/trace.h"
#include "session/facet.h"
#include "session/session.h"
#include "session/side_trace.h"

namespace ribostep::session {

class Edits : public Facet {
 public:
  Edits(Session& session, Session::State& state) : session_(session), state_(state) {}

  // ---- letters of the current sequence, 0-based; undoable. Every one of them runs what follows anew.
  // Why the letters cannot be changed and what to do; empty when they can.
  std::string letters_obstacle() const;
  void replace(int at, int removed, std::string_view inserted);
  void mutate(int at, char letter) { replace(at, 1, std::string_view(&letter, 1)); }
  void restore_letters();  // as given
  bool letters_edited() const;
  const bio::EditedLetters& letters() const;  // of the current sequence, edited or not
  std::string letters_words() const;          // "2 letters changed, 1 inserted"; empty: none

  // ---- states by hand; undoable
  std::string states_obstacle() const;
  const std::vector<rnn::Intervention>& states() const;  // of the current sequence
  // h or c of one unit after positions first..last; what was set there before is replaced. A drag calls it
  // many times and makes one step of undo: `continues` from its second call on.
  void intervene(const rnn::Intervention& change, bool continues = false);
  // All units of a layer get h (and c) that another sequence, read by the same weights, has at its position
  // (1-based; 0: its initial state).
  void take_state(int layer, int record, int position);
  void release(int layer, int unit, bool cell);  // takes back what was set on it
  void release_all();
  std::string states_words() const;  // "h[3] = 0.5 at 17; c[0] = 0 from 1 to 57"; empty: none

  // ---- weights
  std::string weights_obstacle() const;
  // One entry of a tensor of Network::tensors. The curves so far end; training would go on from here.
  void set_weight(int tensor, int row, int col, float value, bool continues = false);

  // ---- the ghost: the run without edits of letters and states. Null while there are none, or being made.
  const rnn::Trace* original() const;
  std::uint64_t original_serial() const;
  // Step of the original that letter `index` (0-based) of the edited sequence comes from; -1: inserted.
  int origin_of(int index) const;

  std::span<const VerbEntry> verbs() const override;
  bool update(double now_seconds) override;
  bool has_work() const override;
  void work_slice() override;
  void project_changed() override;
  void mirror(nlohmann::json& sections) const override;

 private:
  io::RecordEdits& own(const char* label, bool merge);  // of the current record, remembered for undo
  void applied();
  Session& session_;
  Session::State& state_;
  SideTrace original_;
  std::shared_ptr<const std::vector<float>> of_weights_;  // those of original_
  int of_record_ = -1;
  mutable std::string as_given_of_;
  mutable bio::EditedLetters as_given_;
};

}  // namespace ribostep::session
