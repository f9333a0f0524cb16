// Comparing the run on screen with a pinned moment (another position, sequence, update, network or version of
// the letters), without a pin with the run before edits; and a sequence with itself read from the other end.
// The pin is part of the document; whether differences and strands are on show is not.
#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>

#include "bio/align.h"
#include "io/debugging.h"
#include "session/compare_scan.h"
#include "session/facet.h"
#include "session/session.h"
#include "session/side_trace.h"

namespace ribostep::session {

class Compare : public Facet {
 public:
  Compare(Session& session, Session::State& state) : session_(session), state_(state) {}

  // ---- the pin; all of these are undoable
  std::string pin_obstacle() const;  // why nothing can be pinned now and what to do; empty when it can
  // This moment: sequence with its edits, position, and the weights on show, which stay what they are.
  void pin(io::PinMode mode = io::PinMode::Along);
  void pin_untrained();                         // the same moment of the network before its first update
  void pin_sequence(int record, int position);  // position as in io::Cursor
  void unpin();
  void set_mode(io::PinMode mode);
  const io::Pin* pinned() const;  // null: nothing is

  // ---- what everything is compared with: the pin, without one the run before edits
  enum class Against : std::uint8_t { Nothing, Pin, Original };
  Against against() const;
  const char* reference_word() const;  // "pin", "original", ""
  void show_difference(bool on);       // a wish that is kept while there is nothing to compare with
  bool difference_wanted() const { return difference_; }
  // The tracks show differences now: wanted, and the reference is there.
  bool difference() const { return difference_ && ready(); }
  bool ready() const;
  std::string obstacle() const;  // why there is nothing to compare with though something is pinned
  double progress() const;       // of getting ready

  const rnn::Trace* reference() const;  // null while it is being made, or when there is none
  const rnn::Network& reference_network() const;
  // Position of the reference that belongs to one of the current sequence, both as in io::Cursor; -1: none.
  int reference_position(int position) const {
    return position >= 0 && static_cast<std::size_t>(position) < reference_of_.size()
               ? reference_of_[static_cast<std::size_t>(position)]
               : -1;
  }
  bool comparable_states() const { return states_; }
  bool comparable_outputs() const { return outputs_; }
  std::uint64_t serial() const { return serial_; }  // grows when any of these changes
  // Letters of the current sequence [begin, end), from 0, without a counterpart. Rising.
  struct Gap {
    int begin = 0, end = 0;
  };
  const std::vector<Gap>& gaps() const { return gaps_; }
  std::string_view reference_letters() const;  // of the pinned run, as it was read
  std::string reference_name() const;          // of its sequence
  // How the two sequences lie side by side; null for a series, or while it is being found.
  const bio::Alignment* alignment() const { return alignment_ ? &*alignment_ : nullptr; }
  std::string alignment_words() const;

  // ---- how much they differ; of the comparison before while the next is being counted
  const Differences* differences() const { return differences_ ? &*differences_ : nullptr; }
  std::uint64_t differences_serial() const { return differences_serial_; }  // names what is told
  bool differences_fresh() const;
  // The largest difference of a kind over all layers, for a common scale; negative while nothing is counted.
  float largest(Quantity what) const;
  std::string number_name(const Difference& of) const;  // "h[3]", "f[2], layer 2", "p(promoter)"
  std::string words() const;  // "compared with position 17 of lacZ after update 120: ..."; empty: nothing is

  // ---- strands: the same letters read in other ways
  void show_strands(bool on);
  bool strands() const { return strands_; }
  std::string strands_obstacle() const;
  int strand_count() const;  // 3 for nucleic acids: forward, reversed, reverse complement
  static const char* strand_name(int strand);
  const rnn::Trace* strand(int strand) const;  // null while it is being made; 0 is the run on screen
  std::uint64_t strand_serial(int strand) const;
  const std::string& strand_letters(int strand) const;  // under the letters of the sequence
  // The position of that run which has just read the letter at `position`, 1..L.
  int strand_position(int strand, int position) const;
  std::string strands_words() const;

  std::span<const VerbEntry> verbs() const override;
  bool update(double now_seconds) override;
  bool has_work() const override;
  void work_slice() override;
  void project_changed() override;
  void mirror(nlohmann::json& sections) const override;

 private:
  struct Subject {  // what tells one pinned run from another
    io::WeightsPtr weights;
    rnn::ModelSpec model;
    io::RecordEdits edits;
    int record = -1;
    bool untrained = false;
    std::uint64_t seed = 0;
    std::string data;
  };
  enum class Laid : std::uint8_t { Same, Aligned, ByNumber };
  struct Layout {  // what tells one assignment of positions from another
    Against against = Against::Nothing;
    int record = -1, position = 0;
    io::PinMode mode = io::PinMode::Along;
    std::string letters;
    std::uint64_t reference = 0;
    bool operator==(const Layout&) const = default;
  };
  void put(io::Pin pin, const char* label);
  io::Pin this_moment() const;
  void settle_pin();
  void follow_pin();
  void follow_layout();
  void follow_differences();
  void follow_strands();
  void lay(std::vector<int> partner);
  void lay_all_on(int position);
  void refuse(std::string why);
  std::string label_of(const io::Pin& pin) const;
  rnn::TraceBuilder pinned_builder() const;
  rnn::TraceBuilder strand_builder(int strand) const;

  Session& session_;
  Session::State& state_;
  bool difference_ = false;

  Subject subject_;
  bool has_subject_ = false;
  rnn::Network network_;  // the pin's
  std::string refusal_, pin_letters_;
  bio::EditedLetters pin_edited_;
  SideTrace pin_trace_;

  Layout layout_;
  Laid laid_ = Laid::Same;
  std::optional<bio::Aligner> aligner_;
  std::vector<int> reference_of_;  // [L + 1]; empty while it is being found
  std::vector<Gap> gaps_;
  std::optional<bio::Alignment> alignment_;
  bool states_ = false, outputs_ = false;
  std::uint64_t serial_ = 1;

  std::optional<DifferenceScan> scan_;
  std::uint64_t scan_trace_ = 0, scan_serial_ = 0, counted_trace_ = 0, counted_serial_ = 0;
  std::optional<Differences> differences_;
  std::uint64_t differences_serial_ = 0;

  bool strands_ = false;
  io::WeightsPtr strand_weights_;
  std::string strand_of_;  // letters they were made of
  int strand_record_ = -1;
  std::array<SideTrace, 2> strand_traces_;  // reversed, reverse complement
  std::string complement_;
};

}  // namespace ribostep::session
