-- Marks the units that pages are filled with: a block together with the headings before it.
-- In: the HTML that generator/handout makes of the pages. Out: the same, and before each unit
-- a comment that generator/handout/units.py reads: a JSON object with the page's `file`;
-- `starts`, what begins here ("chapter", "image" or nothing); the `level` of its first heading,
-- 0 without one; and what `kind` of block it is.

local shared = dofile(pandoc.path.join { pandoc.path.directory(PANDOC_SCRIPT_FILE), 'shared.lua' })

local function kind_of(block)
  local classes = block.classes or pandoc.List {}
  if block.t == 'Figure' or classes:includes('lead') then return 'figure' end
  if block.t == 'Table' and shared.is_short(block) then return 'table' end
  if classes:includes('question') then return 'question' end
  if classes:includes('admonition') then return 'note' end
  if classes:includes('blank') then return 'card' end
  if classes:includes('claim') then return 'claim' end
  return 'text'
end

local kept = pandoc.List {
  'admonition', 'answer-lines', 'blank', 'chapter', 'claim', 'footnote', 'lead',
}

local function is_mere_group(block)
  return block.t == 'Div' and block.identifier == ''
    and not block.classes:find_if(function(class) return kept:includes(class) end)
end

local function flat(blocks)
  local all = pandoc.Blocks {}
  for _, block in ipairs(blocks) do
    if is_mere_group(block) then all:extend(flat(block.content)) else all:insert(block) end
  end
  return all
end

local function mark(file, starts, level, kind)
  local told = '// unit: {"file": %s, "starts": "%s", "level": %d, "kind": "%s"}'
  return shared.raw_block(told:format(shared.quoted(file), starts, level, kind))
end

local function mark_units(doc)
  local marked, headings = pandoc.Blocks {}, pandoc.Blocks {}
  local file, starts = '', ''
  local function close(kind, block)
    if not block and #headings == 0 then return end
    local level = headings[1] and headings[1].level or 0
    marked:insert(mark(file, starts, level, kind))
    marked:extend(headings)
    if block then marked:insert(block) end
    headings, starts = pandoc.Blocks {}, ''
  end
  local blocks = flat(doc.blocks)
  for i, block in ipairs(blocks) do
    local classes = block.classes or pandoc.List {}
    if classes:includes('chapter') then
      close('text')
      file, starts = block.attributes.file, block.attributes.starts
    elseif classes:includes('footnote') then
      marked:insert(block)
    elseif block.t == 'Header' and block.level == 1 and #headings == 0 then
      headings, starts = pandoc.Blocks { block }, 'chapter'
    elseif block.t == 'Header' or shared.announces(block, blocks[i + 1]) then
      headings:insert(block)
    else
      close(kind_of(block), block)
    end
  end
  close('text')
  doc.blocks = marked
  return doc
end

return { { Pandoc = mark_units } }
