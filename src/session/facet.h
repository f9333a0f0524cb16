// A part of what a Session can do, with its own state and verbs: conditions, edits, comparing, and so on.
// The Session asks each in turn; see Session::State.
#pragma once
#include <nlohmann/json.hpp>
#include <span>

#include "session/message.h"

namespace ribostep::session {

class Session;

// What the page's own buttons, tests and embedding pages may ask for by name, with the message's head.
struct VerbEntry {
  const char* name;
  void (*act)(Session&, const nlohmann::json&);
};

class Facet {
 public:
  virtual ~Facet() = default;
  virtual std::span<const VerbEntry> verbs() const { return {}; }
  // Called with every update of the session; true: something is waiting for a moment that comes soon.
  virtual bool update(double /*now_seconds*/) { return false; }
  // Work that can be cut into slices of about half a millisecond; see Session::work.
  virtual bool has_work() const { return false; }
  virtual void work_slice() {}
  // An answer of the worker; true: it was asked for here, and nobody else need look at it.
  virtual bool hear(const Message&) { return false; }
  virtual void worker_lost() {}
  // Another project, another model, undo: whatever was derived from the one before is void.
  virtual void project_changed() {}
  // Grows when tracks of this facet come or go.
  virtual std::uint64_t tracks_revision() const { return 0; }
  // Sections of the text mirror, appended to a list: {"title", "id", "lines": [text], "buttons": [{verb,
  // label, pressed, disabled, args}], "inputs": [{verb, arg, label, value, kind: "text"|"number"|"list",
  // options: [{value, label}], error}], "table": [[...]]}. All but title and id may be left out.
  virtual void mirror(nlohmann::json& /*sections*/) const {}
};

// Fields of a message from outside, which may be anything.
std::string text_in(const nlohmann::json& head, const char* key);
int whole_in(const nlohmann::json& head, const char* key, int otherwise);
double real_in(const nlohmann::json& head, const char* key, double otherwise);
bool truth_in(const nlohmann::json& head, const char* key, bool otherwise);

}  // namespace ribostep::session
