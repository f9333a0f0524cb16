// Changing what is read and what is remembered, to see what follows: letters of the current sequence, states
// by hand, single weights. Edits of letters and states belong to the record and are never trained on; an
// edited weight is a new start for training.
#pragma once
#include <functional>
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
  void restore_letters();                 // as given
  void restore_range(int at, int count);  // only these, and what was deleted between them
  bool letters_edited() const;
  const bio::EditedLetters& letters() const;  // of the current sequence, edited or not
  std::string letters_words() const;          // "2 letters changed, 1 inserted"; empty: none
  // Grows with every change of letters() (also by undo, and by another sequence): what a picture of them
  // belongs to.
  std::uint64_t letters_serial() const;

  // ---- the letters that are picked: positions first..last, which copying and pasting are about. last ==
  // first - 1: the place before `first`. 0, 0: none. Not part of the project.
  struct Focus {
    int first = 0, last = 0;
    bool operator==(const Focus&) const = default;
    bool none() const { return first <= 0; }
    int count() const { return none() ? 0 : last - first + 1; }
  };
  void set_focus(Focus focus);      // clamped to the sequence
  Focus focus() const;              // none once another sequence is on screen
  std::string focus_words() const;  // "41 to 52: 12 letters, GC 42 %"; empty: none
  // Letters and white space alone go in place of the focus; anything else is a sequence to load: false.
  bool take_paste(const Bytes& text);
  bool copy_focus();  // posts "copy" with the picked letters as FASTA; false: none are picked

  // ---- states by hand; undoable
  std::string states_obstacle() const;
  const std::vector<rnn::Intervention>& states() const;  // of the current sequence
  // h or c of one unit after positions first..last; what was set there before is replaced. A drag calls it
  // many times and makes one step of undo: `continues` from its second call on.
  void intervene(const rnn::Intervention& change, bool continues = false);
  // Holds a unit over first..last at what it is now at the cursor.
  void clamp_state(int layer, int unit, bool cell, int first, int last);
  // What holds the unit at the step that reads `position` (0: the initial state); null: nothing.
  const rnn::Intervention* held(int layer, int unit, bool cell, int position) const;
  // All units of a layer get h (and c) that another sequence, read by the same weights, has at its position
  // (1-based; 0: its initial state). A long one takes a while: see taking().
  void take_state(int layer, int record, int position);
  bool taking() const { return taken_.wanted(); }
  double taking_progress() const { return taken_.progress(); }
  void release(int layer, int unit, bool cell);  // takes back what was set on it
  void release_unit(int layer, int unit);        // both its h and its c
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
  bool applied();                                       // false: it was too much, and is as it was
  void release_where(const std::function<bool(const rnn::Intervention&)>& gone);
  void put_state(const rnn::Trace& other);  // of take_ and taken_
  void follow_record();                     // focus and what is under way belong to one sequence
  struct Take {
    int layer = 0, record = 0, position = 0, here = 0, of_record = 0;
  };
  Session& session_;
  Session::State& state_;
  SideTrace original_;
  std::shared_ptr<const std::vector<float>> of_weights_;  // those of original_
  int of_record_ = -1;
  Take take_;
  SideTrace taken_;
  Focus focus_;
  int focus_record_ = -1;
  std::string focus_set_;
  mutable std::string as_given_of_;
  mutable bio::EditedLetters as_given_;
  mutable std::string serial_of_;
  mutable std::vector<bio::LetterEdit> serial_edits_;
  mutable int serial_record_ = -1;
  mutable std::uint64_t letters_serial_ = 0;
  mutable std::string words_;  // of words_focus_ at words_serial_
  mutable Focus words_focus_;
  mutable std::uint64_t words_serial_ = 0;
};

}  // namespace ribostep::session
