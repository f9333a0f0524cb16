// The map of positions and updates: one trace of the current sequence for each checkpoint, a slice at a time.
#include <algorithm>
#include <utility>

#include "session/state.h"

namespace ribostep::session {
namespace {

constexpr double kAskedSeconds = 1;  // somebody who looks asks with every frame

}  // namespace

void History::want_map() {
  map_asked_s_ = state_.now_s;
  if (map_next_ < 0) refresh_map();
}

std::string History::map_obstacle() const {
  if (state_.project.model.task == rnn::Task::NextVector)
    return "a predicted vector has no probability to draw";
  if (session_.length() > kLongestMap)
    return "the sequence is too long for the map: it takes " + std::to_string(kLongestMap) +
           " positions at most";
  return visit_obstacle();
}

// Every second, fourth, ... checkpoint where all would be too many: what is computed stays of use when more
// of them come.
std::vector<std::int64_t> History::map_rows() const {
  std::vector<std::int64_t> all = kept();
  const std::int64_t every = checkpoint_distance();
  const std::size_t most = static_cast<std::size_t>(std::max(2, kMapCells / std::max(1, session_.length())));
  for (std::int64_t stride = 1; all.size() > most; stride *= 2)
    all.erase(std::remove_if(all.begin(), all.end(),
                             [&](std::int64_t update) { return update / every % (2 * stride) != 0; }),
              all.end());
  return all;
}

// Rows of another run go: its updates have the same numbers, but other weights.
void History::follow_run() {
  const io::Project& p = state_.project;
  if (!map_run_ || !is_here(*map_run_)) {
    map_rows_.clear();
    map_builder_.reset();
    map_run_ = Past{p.data.content_hash, p.label_rule, p.model,      p.train, p.seed,
                    p.start_weights,     p.changes,    Checkpoints()};
    return;
  }
  const std::int64_t until = valid_until(*map_run_);
  map_rows_.erase(map_rows_.upper_bound(until), map_rows_.end());
  if (map_building_ > until) map_builder_.reset();
  map_run_->start = p.start_weights;  // alike: compared by its address from now on
  if (!(map_run_->changes == p.changes)) map_run_->changes = p.changes;
}

void History::refresh_map() {
  const bool wanted = state_.prepared && session_.length() > 0 &&
                      state_.now_s - map_asked_s_ < kAskedSeconds && map_obstacle().empty();
  const int record = state_.project.cursor.sequence;
  const io::RecordEdits& here = state_.edits_of(record);
  if (!map_of_ || map_of_->record != record || map_of_->letters != here.letters ||
      map_of_->states != here.states) {
    map_of_ = {record, here.letters, here.states};
    map_rows_.clear();
    map_builder_.reset();
    map_ = {{}, 0, 0, {}, 0, map_.serial + 1};
  }
  follow_run();
  if (!wanted) {  // what is half made rests
    map_next_ = -1;
    return;
  }
  const std::vector<std::int64_t> rows = map_rows();
  std::vector<std::int64_t> made;
  std::int64_t next = -1;
  for (const std::int64_t update : rows) {
    if (map_rows_.count(update) > 0)
      made.push_back(update);
    else if (next < 0)
      next = update;
  }
  if (next != map_building_) map_builder_.reset();
  map_next_ = next;
  map_.planned = static_cast<int>(rows.size());
  if (made == map_.updates) return;
  for (auto at = map_rows_.begin(); at != map_rows_.end();)
    at = std::binary_search(rows.begin(), rows.end(), at->first) ? std::next(at) : map_rows_.erase(at);
  map_.updates = std::move(made);
  map_.positions = session_.length();
  map_.outputs = state_.network.spec.outputs();
  map_.values.clear();
  for (const std::int64_t update : map_.updates) {
    const std::vector<float>& row = map_rows_.at(update);
    map_.values.insert(map_.values.end(), row.begin(), row.end());
  }
  ++map_.serial;
  state_.changed();
}

void History::map_slice() {
  if (map_next_ < 0) return;
  const Past* here = past();
  if (!map_builder_) {
    map_weights_ = here ? here->checkpoints.at(map_next_) : nullptr;
    if (!map_weights_) {
      map_next_ = -1;
      return;
    }
    map_building_ = map_next_;
    map_builder_ = state_.build_trace(state_.network, *map_weights_, map_of_->record, *map_of_);
    return;
  }
  if (!map_builder_->run(state_.trace_steps(0.5))) return;
  const rnn::Trace trace = map_builder_->take();
  map_builder_.reset();
  std::vector<float> row;
  for (int position = 0; position < session_.length(); ++position)
    for (int k = 0; k < trace.outputs; ++k)
      row.push_back(trace.rows > 0 ? trace.p(trace.row_of(position), k) : 0);
  map_rows_[map_next_] = std::move(row);
  map_next_ = -1;
  refresh_map();
}

}  // namespace ribostep::session
