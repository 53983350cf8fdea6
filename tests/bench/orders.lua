-- wrk: sends whole requests from a file, each once. The files part.0, part.1, … (one per thread) hold each request
-- after a line with its length. Where a run stops is written to DIRECTORY/position, where the next one goes on.
-- usage: wrk … -s orders.lua URL -- DIRECTORY
local threads = {}

function setup(thread)
   thread:set("part", #threads)
   table.insert(threads, thread)
end

local file

function init(args)
   local positions = {}
   local saved = io.open(args[1] .. "/position")
   if saved then
      for line in saved:lines() do table.insert(positions, tonumber(line)) end
      saved:close()
   end
   directory = args[1]
   file = assert(io.open(args[1] .. "/part." .. part, "rb"))
   file:seek("set", positions[part + 1] or 0)
   position = file:seek()
end

function request()
   local length = file:read("*n")
   if not length then
      io.stderr:write("all orders are used up\n")
      os.exit(3)
   end
   file:read(1)
   local bytes = file:read(length)
   position = file:seek()
   return bytes
end

function done(summary, latency, requests)
   local saved = assert(io.open(threads[1]:get("directory") .. "/position", "w"))
   for _, thread in ipairs(threads) do saved:write(string.format("%d\n", thread:get("position"))) end
   saved:close()
   local errors = summary.errors
   io.write(string.format("WRK %d %d %d %d\n", summary.requests, summary.duration,
      errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
