-- Formulas in Typst. pandoc writes them; this adds what it loses, and corrects what it writes for
-- an older Typst. In: the TeX that the site keeps with its MathML. Out: Typst's own formulas.

local shared = dofile(pandoc.path.join { pandoc.path.directory(PANDOC_SCRIPT_FILE), 'shared.lua' })

-- pandoc does not see what it would lose or round: private-use characters stand in for that.
local first_placeholder = 0xE000
local line_break = '\u{E1F0}'

-- TeX's bars are openings, closings or letters; pandoc takes them for relations.
local bars = {
  { '\\lvert', 'class("opening", bar.v)' },
  { '\\rvert', 'class("closing", bar.v)' },
  { '\\vert', 'class("normal", bar.v)' },
  { '\\lVert', 'class("opening", bar.v.double)' },
  { '\\rVert', 'class("closing", bar.v.double)' },
  { '\\Vert', 'class("normal", bar.v.double)' },
}

-- What may stand after `\left` and `\right`, and Typst's name for it; nothing for a full stop.
local delimiters = {
  { '.', '' }, { '|', 'bar.v' }, { '\\lvert', 'bar.v' }, { '\\rvert', 'bar.v' }, { '\\vert', 'bar.v' },
  { '\\|', 'bar.v.double' }, { '\\lVert', 'bar.v.double' }, { '\\rVert', 'bar.v.double' },
  { '\\Vert', 'bar.v.double' }, { '(', 'paren.l' }, { ')', 'paren.r' }, { '[', 'bracket.l' },
  { ']', 'bracket.r' }, { '\\{', 'brace.l' }, { '\\}', 'brace.r' }, { '\\lbrace', 'brace.l' },
  { '\\rbrace', 'brace.r' }, { '\\lfloor', 'floor.l' }, { '\\rfloor', 'floor.r' },
  { '\\lceil', 'ceil.l' }, { '\\rceil', 'ceil.r' }, { '\\langle', 'chevron.l' }, { '\\rangle', 'chevron.r' },
}

-- Environments whose frame pandoc leaves out, with the arguments of `mat` that restore it.
local lines = 'align: #left, column-gap: #0.2em'
local grids = {
  matrix = 'delim: #none', smallmatrix = 'delim: #none',
  vmatrix = 'delim: "|"', Vmatrix = 'delim: "‖"',
  array = 'delim: #none', gathered = 'delim: #none',
  aligned = 'delim: #none, ' .. lines, split = 'delim: #none, ' .. lines,
  braced = 'delim: #("{", none), ' .. lines,
  bracedarray = 'delim: #("{", none), align: #left, column-gap: #1em',
}
-- pandoc writes the first well if they are the whole formula. A brace may open the second.
local may_be_whole = { aligned = true, split = true, gathered = true }
local may_be_braced = { 'aligned', 'array', 'gathered', 'split' }

local ems = { em = 1, ex = 0.43, mu = 1 / 18, pt = 0.1, cm = 2.85, mm = 0.285 }

local function escaped(text) return (text:gsub('%p', '%%%0')) end

local function replaced(text, plain, new)
  return text:gsub(escaped(plain) .. (plain:match('%a$') and '%f[%A]' or ''), function() return new() end)
end

-- The delimiter at a position in TeX: its name in Typst, or nil, and its length.
local function delimiter_at(tex, at)
  local blank = #tex:match('^%s*', at)
  for _, one in ipairs(delimiters) do
    local ends = one[1]:match('%a$') and '%f[%A]' or ''
    local found = tex:match('^' .. escaped(one[1]) .. ends, at + blank)
    if found then return one[2], blank + #found end
  end
  return nil, 0
end

-- Delimiters that grow and have a bar or nothing on one side; pandoc leaves them too small.
local function without_growing_bars(tex, hold)
  local open, pairs_of, at = {}, {}, 1
  while true do
    local first, last, side = tex:find('\\(%a+)', at)
    if not first then break end
    at = last + 1
    if side == 'left' or side == 'right' or side == 'middle' then
      local name, length = delimiter_at(tex, at)
      local one = { from = first, to = last + length, name = name }
      if side == 'left' then
        table.insert(open, { left = one, middles = {} })
      elseif #open > 0 and side == 'middle' then
        table.insert(open[#open].middles, one)
      elseif #open > 0 then
        local pair = table.remove(open)
        pair.right = one
        table.insert(pairs_of, pair)
      end
      at = one.to + 1
    end
  end
  local changes = {}
  for _, pair in ipairs(pairs_of) do
    local left, right = pair.left, pair.right
    local is_known = left.name and right.name
    for _, middle in ipairs(pair.middles) do is_known = is_known and middle.name end
    local is_plain = #pair.middles == 0
    for _, one in ipairs { left, right } do
      if one.name and (one.name == '' or one.name:find('^bar')) then is_plain = false end
    end
    if is_known and not is_plain then
      table.insert(changes, { left, 'lr(' .. left.name })
      for _, middle in ipairs(pair.middles) do
        table.insert(changes, { middle, 'mid(' .. middle.name .. ')' })
      end
      table.insert(changes, { right, right.name .. ')' })
    end
  end
  table.sort(changes, function(one, other) return one[1].from > other[1].from end)
  for _, change in ipairs(changes) do
    tex = tex:sub(1, change[1].from - 1) .. hold(change[2]) .. tex:sub(change[1].to + 1)
  end
  return tex
end

local function without_bars(tex, hold)
  tex = without_growing_bars(tex, hold)
  for _, bar in ipairs(bars) do
    tex = replaced(tex, bar[1], function() return hold(bar[2]) end)
  end
  tex = replaced(tex, '\\|', function() return hold('class("normal", bar.v.double)') end)
  return (replaced(tex, '|', function() return hold('class("normal", bar.v)') end))
end

local function without_spaces(tex, hold)
  tex = tex:gsub('\\!%s*\\left%f[%A]', '\\left')  -- undoes a space that only TeX puts there
  tex = replaced(tex, '\\!', function() return hold('#h(-0.167em)') end)
  tex = replaced(tex, '\\;', function() return hold('#h(0.278em)') end)
  local function space(size, unit)
    return ems[unit] and hold(string.format('#h(%.3fem)', tonumber(size) * ems[unit]))
  end
  tex = tex:gsub('\\hspace%*?%s*{%s*(%-?[%d.]+)%s*(%a%a)%s*}', space)
  return (tex:gsub('\\m?kern%s*(%-?[%d.]+)%s*(%a%a)', space))
end

-- Gives environments that a brace opens and nothing closes a name of their own.
local function with_braces(tex)
  for _, name in ipairs(may_be_braced) do
    local opening = '\\left\\{%s*\\begin{' .. name .. '}'
    local closing = '\\end{' .. name .. '}%s*\\right%.'
    if tex:find(opening) and tex:find(closing) then
      local braced = name == 'array' and 'bracedarray' or 'braced'
      tex = tex:gsub(opening, '\\begin{' .. braced .. '}'):gsub(closing, '\\end{' .. braced .. '}')
    end
  end
  return tex
end

-- Grids become round matrices whose first character says what they are.
local function without_grids(tex, hold)
  tex = tex:gsub('{(%a*matrix)%*}', '{%1}'):gsub('(\\begin{%a+})%s*%[[tbclr]%]', '%1')
  for name, arguments in pairs(grids) do
    local opening, closing = '\\begin{' .. name .. '}', '\\end{' .. name .. '}'
    local _, count = tex:gsub(escaped(opening), '')
    local is_whole = count == 1 and may_be_whole[name]
      and tex:match('^%s*' .. escaped(opening)) and tex:match(escaped(closing) .. '%s*$')
    if not is_whole then
      tex = replaced(tex, opening, function() return '\\begin{pmatrix}' .. hold('mat:' .. arguments) end)
      tex = replaced(tex, closing, function() return '\\end{pmatrix}' end)
    end
  end
  return tex
end

-- TeX with placeholders for what pandoc would lose, and the meanings of the placeholders.
local function held_back(tex)
  local meanings = {}
  local function hold(typst)
    local placeholder = utf8.char(first_placeholder + #meanings)
    table.insert(meanings, { placeholder, typst })
    return placeholder .. ' '
  end
  tex = replaced(tex, '\\\\', function() return line_break end)
  tex = tex:gsub('\\[bB]igg?[lrm]?%f[%A]', ''):gsub('\\begin{array}%s*{[^}]*}', '\\begin{array}')
  tex = without_bars(with_braces(tex), hold)
  tex = replaced(tex, '\\&', function() return hold('"&"') end)
  tex = without_grids(without_spaces(tex, hold), hold)
  return (tex:gsub(line_break, '\\\\')), meanings
end

local function given_back(written, meanings)
  for _, one in ipairs(meanings) do
    local arguments = one[2]:match('^mat:(.*)$')
    if arguments then
      local function call(name, given) return function() return name .. '(' .. given .. ', ' end end
      written = written:gsub('mat%(delim: "%(", ' .. one[1] .. ' ?', call('mat', arguments))
      -- What pandoc makes of a single column.
      local of_column = arguments:gsub(', column%-gap: [^,]*', '')
      written = written:gsub('vec%(' .. one[1] .. ' ?', call('vec', of_column))
    else
      written = written:gsub(one[1], function() return one[2] .. ' ' end)
    end
  end
  return written
end

-- Replaces each string of the text, with its quotation marks, by `new(text before it, string)`.
local function map_strings(text, new)
  local done, at = '', 1
  while true do
    local first = text:find('"', at, true)
    if not first then return done .. text:sub(at) end
    local last = first + 1
    while last < #text and text:sub(last, last) ~= '"' do
      last = last + (text:sub(last, last) == '\\' and 2 or 1)
    end
    done = done .. text:sub(at, first - 1)
    done, at = done .. new(done, text:sub(first, last)), last + 1
  end
end

-- pandoc's Typst for a formula, with what it lost, in the spelling of today's Typst.
local function typst_formula(math)
  local tex, meanings = held_back(math.text)
  local below = {}
  for name in tex:gmatch('\\operatorname%*{(.-)}') do below[name:gsub('%A', '')] = true end
  local alone = pandoc.Pandoc { pandoc.Plain { pandoc.Math(math.mathtype, tex) } }
  local quietly = pandoc.log and pandoc.log.silence or function(run) return run() end
  local _, written = quietly(function() return pandoc.write(alone, 'typst', { wrap_text = 'preserve' }) end)
  written = (written or _):gsub('%s+$', '')
  if written:sub(1, 1) ~= '$' then
    io.stderr:write('Could not convert TeX math ' .. math.text .. ', rendering as TeX\n')
  end
  written = map_strings(written, function(before, name)
    -- Words in a formula and the brackets of a matrix are not operators.
    if before:find('[(:] ?$') then return name end
    local limits = below[name:gsub('%A', '')] and ', limits: #true' or ''
    return 'op(' .. name .. limits .. ')'
  end)
  -- Words before a bracket are a function's name; before a letter they keep the space that they have.
  written = written:gsub('upright(%("[^"\\]*[^"%s\\]"%)) \\%(', 'op%1 \\(')
  written = written:gsub('(upright%("[^"\\]*"%)) (%w)%f[%W]', '%1%2')
  written = written:gsub('([^%w%s\\]) (upright%("[^%s])', '%1%2')
  written = written:gsub('cases%b()', function(cases) return (cases:gsub(' & ', ' & quad ')) end)
  written = given_back(written, meanings)
  -- A + or - at the start of a continued line is binary and keeps its space.
  written = written:gsub('(\\\n%s*& )([+-] )', '%1"" %2')
  return (written:gsub('%f[%a]sect%f[%A]', 'inter'):gsub('(%a+)%.circle%f[%A]', '%1.o'))
end

-- Every formula gets its TeX as alt text, for those who cannot see it.
local function formula(math, id)
  local alt = '#set math.equation(alt: ' .. shared.quoted(math.text) .. ')\n'
  return shared.raw('#[' .. alt .. typst_formula(math) .. shared.label(id or '') .. ']')
end

-- An anchor just before a displayed formula is the formula's own, so that links can number it.
local function formulas(inlines)
  local anchor = nil
  for i, inline in ipairs(inlines) do
    if inline.t == 'Span' and #inline.content == 0 and inline.identifier ~= '' then
      anchor = i
    elseif inline.t == 'Span' and inline.classes:includes('math-display') and anchor then
      inlines[i] = formula(inline.content[1], inlines[anchor].identifier)
      inlines[anchor] = shared.raw('')
      anchor = nil
    elseif inline.t ~= 'SoftBreak' and inline.t ~= 'Space' then
      anchor = nil
    end
  end
  return inlines
end

return {
  { Inlines = formulas },
  { Math = function(math) return formula(math) end },
}
