-- Marks the units that pages are filled with: a block together with the headings before it.
-- In: the HTML that generator/outputs/pdf makes from the pages. Out: the same, and before each unit
-- a comment that generator/outputs/pdf/units.py reads: a JSON object with the page's `file`;
-- `starts`, what begins here ("chapter", "image" or nothing); the `level` of its first heading,
-- 0 without one; and what `kind` of block it is.

local shared = dofile(pandoc.path.join { pandoc.path.directory(PANDOC_SCRIPT_FILE), 'shared.lua' })

local function kind_of(block)
  local classes = block.classes or pandoc.List {}
  if block.t == 'Figure' or classes:includes('lead') then return 'figure' end
  if block.t == 'Para' and #block.content == 1 and block.content[1].t == 'Image' then return 'picture' end
  if block.t == 'Table' and shared.is_short(block) then return 'table' end
  if block.t == 'Table' then return 'rows' end
  if classes:includes('together') then return 'together' end
  if classes:includes('question') then return 'question' end
  if classes:includes('admonition') then return 'note' end
  if classes:includes('blank') then return 'card' end
  if classes:includes('claim') then return 'claim' end
  return 'text'
end

-- Divs that are set as they are; all others only group what is in them.
local kept = pandoc.List { 'admonition', 'answer-lines', 'blank', 'claim', 'lead', 'left-out', 'together' }

-- Where a page of the site begins; only generator/outputs/pdf writes such a Div.
local function is_chapter(block) return block.t == 'Div' and block.attributes.starts ~= nil end

local function is_footnotes(block) return next(shared.footnotes(block)) ~= nil end

local function is_mere_group(block)
  return block.t == 'Div' and block.identifier == '' and not is_chapter(block) and not is_footnotes(block)
    and not block.classes:find_if(function(class) return kept:includes(class) end)
end

local function flat(blocks)
  local all = pandoc.Blocks {}
  for _, block in ipairs(blocks) do
    if is_mere_group(block) then all:extend(flat(block.content)) else all:insert(block) end
  end
  return all
end

-- What belongs to the block after it: a heading, a line that announces a list or a table, and what takes no
-- room, such as an anchor.
local function leads(block, following)
  if block.t == 'Header' or shared.announces(block, following) then return true end
  local shows = false
  local function show() shows = true end
  if block.t == 'Para' or block.t == 'Plain' then
    block:walk { Str = show, Code = show, Math = show, Image = show, RawInline = show }
    return not shows
  end
  return block.t == 'HorizontalRule'
end

local function mark(file, starts, level, kind)
  local comment = '// unit: {"file": %s, "starts": "%s", "level": %d, "kind": "%s"}\n#unit-edge'
  return shared.raw_block(comment:format(shared.quoted(file), starts, level, kind))
end

-- Where a Div that is to stay together may part after all, should no page have room for it.
local function with_parts(div, file)
  local parts, leading = pandoc.Blocks {}, false
  local inner = flat(div.content)
  for i, block in ipairs(inner) do
    if not leading then
      local comment = '// part: {"file": %s, "starts": "", "level": 0, "kind": "%s"}'
      parts:insert(shared.raw_block(comment:format(shared.quoted(file), kind_of(block))))
    end
    parts:insert(block)
    leading = leads(block, inner[i + 1])
  end
  div.content = parts
  return div
end

local function mark_units(doc)
  local marked, waiting = pandoc.Blocks {}, pandoc.Blocks {}
  local file, starts = '', ''
  local function close(kind, block)
    local parts = block and kind == 'together' and block.identifier == ''
    if block then waiting:insert(parts and with_parts(block, file) or block) end
    if #waiting == 0 then return end
    local level = 0
    for i = #waiting, 1, -1 do level = waiting[i].t == 'Header' and waiting[i].level or level end
    marked:insert(mark(file, starts, level, kind))
    marked:extend(waiting)
    waiting, starts = pandoc.Blocks {}, ''
  end
  local blocks = flat(doc.blocks)
  for i, block in ipairs(blocks) do
    if is_chapter(block) then
      close('text')
      file, starts = block.attributes.file, block.attributes.starts
    elseif is_footnotes(block) then
      marked:insert(block)
    else
      if block.t == 'Header' and block.level == 1 and starts == '' then
        close('text')
        starts = 'chapter'
      end
      if leads(block, blocks[i + 1]) then waiting:insert(block) else close(kind_of(block), block) end
    end
  end
  close('text')
  doc.blocks = marked
  return doc
end

return { { Pandoc = mark_units } }
