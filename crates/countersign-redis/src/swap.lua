-- Replaces a record if its revision is the expected one.
-- A value is the 8 bytes of the revision, followed by the record.
-- KEYS[1]: the record's key. ARGV[1]: the expected revision, empty if the record is absent.
-- ARGV[2]: the new revision and record, empty to delete the record.
-- ARGV[3]: the lifetime in milliseconds, empty for no expiry.
local held = redis.call('GETRANGE', KEYS[1], 0, 7)
-- This swap was applied before, and its reply was lost.
if held ~= '' and held == string.sub(ARGV[2], 1, 8) then return 1 end
if held ~= ARGV[1] then return 0 end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
elseif ARGV[3] == '' then
  redis.call('SET', KEYS[1], ARGV[2])
else
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
return 1
