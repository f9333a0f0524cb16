// The pin, and what follows from it: the pinned run's trace, which of its positions belong to which, and how
// far the two runs lie apart. Words and verbs are in compare_words.cpp, strands in compare_strands.cpp.
#include "session/compare.h"

#include <algorithm>
#include <utility>

#include "session/state.h"
#include "session/step_words.h"

namespace ribostep::session {
namespace {

constexpr std::uint64_t kLargestReference = 600u
                                            << 20u;  // bytes, beside the trace on screen in a page's 2 GB
// Done inside a verb or a frame, where it takes a millisecond or two in WebAssembly.
constexpr double kAtOnceWork = 4e6;             // multiply-adds of a trace
constexpr std::int64_t kAtOncePairs = 200'000;  // of letters
constexpr std::int64_t kAtOnceNumbers = 200'000;
// About half a millisecond in WebAssembly.
constexpr std::int64_t kSlicePairs = 40'000, kSliceNumbers = 60'000;

double work_of(const rnn::Network& net, std::size_t length) {
  return static_cast<double>(net.parameter_count) * static_cast<double>(length);
}

// Letters of `now` by letters of `then`, both edited versions of one sequence: those of the same origin, and
// between them letters that both have inserted, in their order.
std::vector<int> by_origin(const std::vector<int>& now, const std::vector<int>& then) {
  std::vector<int> partner(now.size(), -1);
  std::size_t j = 0;
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (now[i] < 0) {
      if (j < then.size() && then[j] < 0) partner[i] = static_cast<int>(j++);
      continue;
    }
    while (j < then.size() && then[j] < now[i]) ++j;
    if (j < then.size() && then[j] == now[i]) partner[i] = static_cast<int>(j++);
  }
  return partner;
}

}  // namespace

// ---- the pin

const io::Pin* Compare::pinned() const {
  return state_.project.debugging.pin ? &*state_.project.debugging.pin : nullptr;
}

std::string Compare::pin_obstacle() const {
  if (!session_.has_data() || session_.length() == 0) return "nothing is read yet: load sequences";
  if (!state_.live_weights) return "the recipe is still being replayed: wait, or cancel it";
  if (state_.trace_too_large()) return "this sequence is too long for this network to be traced";
  return {};
}

std::string Compare::label_of(const io::Pin& pin) const {
  std::string name(session_.data().name(pin.record));
  if (name.size() > 80) {
    name.resize(80);
    while (!name.empty() && (static_cast<unsigned char>(name.back()) & 0x80u) != 0) name.pop_back();
    name += "...";
  }
  std::string text =
      pin.position > 0 ? "position " + std::to_string(pin.position) + " of " + name : "the start of " + name;
  if (!pin.edits.empty()) text += " as edited";
  const bool begun = pin.updates > 0 || state_.project.start_weights;
  return text + (pin.untrained || !begun ? std::string(", untrained")
                                         : " after update " + std::to_string(pin.updates));
}

io::Pin Compare::this_moment() const {
  io::Pin pin;
  pin.record = state_.project.cursor.sequence;
  pin.position = state_.project.cursor.position;
  pin.edits = state_.edits_of(pin.record);
  pin.edits.record = pin.record;
  pin.model = state_.project.model;
  pin.seed = state_.project.seed;
  pin.untrained = state_.twin;
  if (!pin.untrained) {
    pin.weights = state_.weights_to_show();
    pin.updates = state_.visited_weights ? state_.visited_update : state_.training.updates;
  }
  return pin;
}

void Compare::put(io::Pin pin, const char* label) {
  pin.label = label_of(pin);
  state_.remember(label);
  const std::string text = pin.label;
  state_.project.debugging.pin = std::move(pin);
  difference_ = true;
  state_.touch();
  update(state_.now_s);
  state_.say(Severity::Note, "pinned: " + text);
}

void Compare::refuse(std::string why) { state_.say(Severity::Error, "cannot pin: " + std::move(why)); }

void Compare::pin(io::PinMode mode) {
  if (std::string why = pin_obstacle(); !why.empty()) return refuse(std::move(why));
  io::Pin now = this_moment();
  now.mode = mode;
  put(std::move(now), "pin");
}

void Compare::pin_untrained() {
  if (std::string why = pin_obstacle(); !why.empty()) return refuse(std::move(why));
  io::Pin start = this_moment();
  start.untrained = true;
  start.weights = nullptr;
  start.updates = 0;
  put(std::move(start), "pin the untrained network");
}

void Compare::pin_sequence(int record, int position) {
  if (std::string why = pin_obstacle(); !why.empty()) return refuse(std::move(why));
  if (record < 0 || record >= session_.data().size())
    return refuse("there is no sequence " + std::to_string(record + 1) + ": there are " +
                  std::to_string(session_.data().size()));
  io::Pin other = this_moment();
  other.record = record;
  other.edits = state_.edits_of(record);
  other.edits.record = record;
  const int length =
      session_.data().channels() > 0 || other.edits.letters.empty()
          ? session_.data().length(record)
          : static_cast<int>(
                bio::edit_letters(session_.data().letters(record), other.edits.letters).letters.size());
  if (length == 0) return refuse("that sequence has no letters");
  other.position = std::clamp(position, 0, length);
  put(std::move(other), "pin another sequence");
}

void Compare::unpin() {
  if (!pinned()) return;
  state_.remember("unpin");
  state_.project.debugging.pin.reset();
  state_.touch();
  update(state_.now_s);
  state_.say(Severity::Note, "nothing is pinned any more");
}

void Compare::set_mode(io::PinMode mode) {
  if (!pinned() || pinned()->mode == mode) return;
  state_.remember("what the pin is compared with");
  state_.project.debugging.pin->mode = mode;
  state_.touch();
  update(state_.now_s);
}

void Compare::show_difference(bool on) {
  if (on == difference_) return;
  difference_ = on;
  state_.changed();
}

// A document may leave out what is the project's own: from now on it is the pin's, whatever the project's
// becomes.
void Compare::settle_pin() {
  if (!pinned()) return;
  io::Pin& pin = *state_.project.debugging.pin;
  if (!pin.model) pin.model = state_.project.model;
  if (pin.weights || pin.untrained || !state_.project.weights) return;
  if (*pin.model == state_.project.model && pin.updates == state_.project.updates) {
    pin.weights = state_.project.weights;
    return;
  }
  // Weights that were no finite numbers are in no document.
  state_.project.debugging.pin.reset();
  state_.say(Severity::Warning, "the weights of the pin did not come with the project: nothing is pinned");
}

// ---- the reference

Compare::Against Compare::against() const {
  if (pinned()) return Against::Pin;
  if (session_.has_data() && !state_.edits_of(state_.project.cursor.sequence).empty())
    return Against::Original;
  return Against::Nothing;
}

const char* Compare::reference_word() const {
  switch (against()) {
    case Against::Pin:
      return "pin";
    case Against::Original:
      return "original";
    case Against::Nothing:
      break;
  }
  return "";
}

const rnn::Trace* Compare::reference() const {
  switch (against()) {
    case Against::Pin:
      return refusal_.empty() && has_subject_ ? pin_trace_.trace() : nullptr;
    case Against::Original:
      return state_.edits->original();
    case Against::Nothing:
      break;
  }
  return nullptr;
}

const rnn::Network& Compare::reference_network() const {
  return against() == Against::Pin ? network_ : state_.network;
}

bool Compare::ready() const {
  return reference() && state_.trace && (states_ || outputs_) &&
         reference_of_.size() == static_cast<std::size_t>(state_.trace->length) + 1;
}

std::string Compare::obstacle() const { return pinned() ? refusal_ : std::string(); }

double Compare::progress() const {
  if (ready()) return 1;
  if (against() == Against::Pin && !pin_trace_.trace()) return pin_trace_.progress() / 2;
  return aligner_ ? 0.5 + aligner_->progress() / 2 : 0;
}

std::string_view Compare::reference_letters() const {
  const bool known = against() == Against::Original ? layout_.against == Against::Original : has_subject_;
  return known ? std::string_view(pin_letters_) : std::string_view();
}

std::string Compare::reference_name() const {
  const int record = pinned() ? pinned()->record : state_.project.cursor.sequence;
  return record < session_.data().size() ? std::string(session_.data().name(record)) : std::string();
}

rnn::TraceBuilder Compare::pinned_builder() const {
  const io::WeightsPtr weights =
      subject_.untrained ? state_.start_weights_of(network_, subject_.seed) : subject_.weights;
  // States set by hand in a document from elsewhere need not exist in this network.
  io::RecordEdits edits = subject_.edits;
  const int length = static_cast<int>(pin_letters_.size());
  if (!rnn::intervention_obstacle(network_.spec).empty()) edits.states.clear();
  edits.states.erase(std::remove_if(edits.states.begin(), edits.states.end(),
                                    [&](const auto& s) { return !rnn::fits(network_, s, length); }),
                     edits.states.end());
  return state_.build_trace(network_, *weights, subject_.record, edits);
}

void Compare::follow_pin() {
  const io::Pin* pin = pinned();
  if (!pin || !state_.prepared) {
    if (has_subject_) {
      ++serial_;
      difference_ = false;
    }
    has_subject_ = false;
    pin_trace_.drop();
    refusal_.clear();
    return;
  }
  // Asked in every frame: nothing is copied to find out.
  const bool same = has_subject_ && subject_.weights == pin->weights && subject_.record == pin->record &&
                    subject_.untrained == pin->untrained && subject_.seed == pin->seed &&
                    subject_.model == *pin->model && subject_.edits == pin->edits &&
                    subject_.data == state_.project.data.content_hash;
  if (same) return;
  subject_ = {pin->weights,
              *pin->model,
              pin->edits,
              pin->record,
              pin->untrained,
              pin->seed,
              state_.project.data.content_hash};
  if (!has_subject_) difference_ = true;  // also of a pin that came with a link
  has_subject_ = true;
  ++serial_;
  pin_trace_.drop();
  state_.changed();
  const bio::Dataset& set = *state_.prepared->data;
  refusal_ = rnn::problem(subject_.model);
  if (!refusal_.empty()) return;
  // What it reads must be what the data are; what it says about them is its own business.
  rnn::ModelSpec fitted = experiment::fitted(subject_.model, *state_.prepared);
  fitted.task = subject_.model.task;
  fitted.classes = subject_.model.classes;
  fitted.directions = subject_.model.directions;
  fitted.circular = subject_.model.circular;
  if (subject_.record >= set.size())
    refusal_ = "the pinned sequence is no longer there: unpin";
  else if (!(fitted == subject_.model))
    refusal_ = "the pinned network does not fit these data: unpin";
  if (!refusal_.empty()) return;
  network_ = rnn::make_network(subject_.model);
  if (!subject_.untrained && !subject_.weights)
    refusal_ = "its weights are not there yet: wait until the recipe has been replayed";
  else if (!subject_.untrained && subject_.weights->size() != network_.parameter_count)
    refusal_ = "the pinned weights are not those of its network: unpin";
  const std::string given = set.letters(subject_.record);
  pin_edited_ =
      bio::edit_letters(given, set.channels() > 0 ? std::vector<bio::LetterEdit>{} : subject_.edits.letters);
  pin_letters_ = pin_edited_.letters;
  if (pin_letters_.empty())
    refusal_ = "the pinned sequence has no letters: unpin";
  else if (rnn::tracing_bytes(network_, static_cast<int>(pin_letters_.size())) > kLargestReference)
    refusal_ = "the pinned run is too long to be kept beside the one on screen: pin a shorter sequence";
  if (!refusal_.empty()) return;
  pin_trace_.want("pin", [this] { return pinned_builder(); });
  if (work_of(network_, pin_letters_.size()) < kAtOnceWork)
    while (pin_trace_.has_work()) pin_trace_.work(1 << 20);
}

// ---- positions

void Compare::lay_all_on(int position) {
  reference_of_.assign(state_.letters.size() + 1, position);
  gaps_.clear();
  alignment_.reset();
}

void Compare::lay(std::vector<int> partner) {
  reference_of_.assign(partner.size() + 1, 0);
  gaps_.clear();
  for (std::size_t i = 0; i < partner.size(); ++i) {
    reference_of_[i + 1] = partner[i] < 0 ? -1 : partner[i] + 1;
    if (partner[i] >= 0) continue;
    const int t = static_cast<int>(i);
    if (gaps_.empty() || gaps_.back().end != t)
      gaps_.push_back({t, t + 1});
    else
      ++gaps_.back().end;
  }
  if (state_.prepared->data->channels() == 0)
    alignment_ = bio::alignment_of(std::move(partner), state_.letters, pin_letters_);
  ++serial_;
  state_.changed();
}

void Compare::follow_layout() {
  const rnn::Trace* then = reference();
  Layout next;
  next.against = then && state_.prepared ? against() : Against::Nothing;
  if (next.against == Against::Nothing) {
    if (layout_.against != Against::Nothing) ++serial_;
    layout_ = {};
    aligner_.reset();
    reference_of_.clear();
    gaps_.clear();
    alignment_.reset();
    return;
  }
  const io::Pin* pin = pinned();
  next.record = state_.project.cursor.sequence;
  if (pin) next.mode = pin->mode;
  if (pin && pin->mode == io::PinMode::Moment) next.position = pin->position;
  next.letters = state_.letters;
  next.reference = pin ? pin_trace_.serial() : state_.edits->original_serial();
  states_ = session::comparable_states(state_.network, reference_network());
  outputs_ = session::comparable_outputs(state_.network, reference_network());
  if (next == layout_) return;
  layout_ = std::move(next);
  aligner_.reset();
  laid_ = Laid::Same;
  ++serial_;
  state_.changed();
  const bio::Dataset& set = *state_.prepared->data;
  const std::vector<int>& origin = state_.edits->letters().origin;
  if (!pin) {
    pin_letters_ = set.letters(layout_.record);
    has_subject_ = false;
    return lay(origin);
  }
  if (pin->mode == io::PinMode::Moment) return lay_all_on(std::min(pin->position, then->length));
  if (pin->record == layout_.record) return lay(by_origin(origin, pin_edited_.origin));
  const auto pairs =
      static_cast<std::int64_t>(state_.letters.size()) * static_cast<std::int64_t>(pin_letters_.size());
  if (set.channels() > 0 || pairs > bio::kMostAlignedPairs) {
    laid_ = Laid::ByNumber;
    std::vector<int> partner(state_.letters.size(), -1);
    for (std::size_t i = 0; i < std::min(partner.size(), pin_letters_.size()); ++i)
      partner[i] = static_cast<int>(i);
    return lay(std::move(partner));
  }
  laid_ = Laid::Aligned;
  reference_of_.clear();
  gaps_.clear();
  alignment_.reset();
  aligner_.emplace(state_.letters, pin_letters_, set.alphabet());
  if (pairs > kAtOncePairs || !aligner_->run(2 * kAtOncePairs)) return;
  bio::Alignment found = aligner_->take();
  aligner_.reset();
  lay(std::move(found.partner));
}

// ---- differences

bool Compare::differences_fresh() const {
  return differences_ && ready() && counted_trace_ == state_.trace_serial && counted_serial_ == serial_;
}

float Compare::largest(Quantity what) const {
  return differences_ ? differences_->largest[static_cast<std::size_t>(what)] : -1.0f;
}

void Compare::follow_differences() {
  if (!ready()) {
    scan_.reset();
    // While the next trace is made the last figures stay, unless they are of something else.
    if (against() == Against::Nothing || !refusal_.empty()) differences_.reset();
    return;
  }
  if (differences_ && differences_->states.size() != state_.letters.size()) differences_.reset();
  if (differences_fresh()) return scan_.reset();
  if (scan_ && scan_trace_ == state_.trace_serial && scan_serial_ == serial_) return;
  scan_trace_ = state_.trace_serial;
  scan_serial_ = serial_;
  scan_.emplace(state_.network, *state_.trace, *reference(), reference_of_, states_, outputs_);
  if (scan_->size() <= kAtOnceNumbers) work_slice();
}

bool Compare::has_work() const {
  return pin_trace_.has_work() || aligner_ || scan_ || strand_traces_[0].has_work() ||
         strand_traces_[1].has_work();
}

void Compare::work_slice() {
  const int steps = state_.trace_steps(0.5);
  if (pin_trace_.has_work()) {
    pin_trace_.work(steps);
    if (pin_trace_.trace()) ++serial_, state_.changed();
    return;
  }
  if (aligner_) {
    if (!aligner_->run(kSlicePairs)) return;
    bio::Alignment found = aligner_->take();
    aligner_.reset();
    // Since it began the letters may have changed: then the next update begins another.
    if (layout_.letters == state_.letters && found.partner.size() == state_.letters.size())
      lay(std::move(found.partner));
    return;
  }
  if (scan_) {
    if (!ready() || scan_trace_ != state_.trace_serial || scan_serial_ != serial_) return scan_.reset();
    if (!scan_->run(std::max(kSliceNumbers, scan_->size() <= kAtOnceNumbers ? kAtOnceNumbers + 1 : 0)))
      return;
    differences_ = scan_->take();
    ++differences_serial_;
    scan_.reset();
    counted_trace_ = scan_trace_;
    counted_serial_ = scan_serial_;
    state_.changed();
    return;
  }
  for (SideTrace& trace : strand_traces_) {
    if (!trace.has_work()) continue;
    trace.work(steps);
    if (trace.trace()) state_.changed();
    return;
  }
}

bool Compare::update(double) {
  settle_pin();
  follow_pin();
  follow_layout();
  follow_differences();
  follow_strands();
  return false;
}

void Compare::project_changed() {
  layout_ = {};
  reference_of_.clear();
  gaps_.clear();
  aligner_.reset();
  scan_.reset();
  alignment_.reset();
  differences_.reset();
  strand_of_.clear();
  strand_weights_ = nullptr;
  for (SideTrace& trace : strand_traces_) trace.drop();
  ++serial_;
}

}  // namespace ribostep::session
