-- Formulas, in Typst as pandoc writes it, with what it loses or spells in an older Typst's way.
-- In: the TeX that stands beside the site's MathML. Out: Typst's own formulas.

local shared = dofile(pandoc.path.join { pandoc.path.directory(PANDOC_SCRIPT_FILE), 'shared.lua' })

-- What pandoc loses or rounds is kept from it: signs that are nobody's hold the places.
local first_sign = 0xE000
local line_break, left_bar, right_bar = '\u{E1F0}', '\u{E1F1}', '\u{E1F2}'

-- TeX's bars are openings, closings or letters; pandoc takes them for relations.
local bars = {
  { '\\lvert', 'class("opening", bar.v)' },
  { '\\rvert', 'class("closing", bar.v)' },
  { '\\vert', 'class("normal", bar.v)' },
  { '\\lVert', 'class("opening", bar.v.double)' },
  { '\\rVert', 'class("closing", bar.v.double)' },
  { '\\Vert', 'class("normal", bar.v.double)' },
}

local growing_bars = {
  { bar = 'bar.v', names = { '|', '\\lvert', '\\rvert', '\\vert' } },
  { bar = 'bar.v.double', names = { '\\|', '\\lVert', '\\rVert', '\\Vert' } },
}

-- Environments that pandoc writes without what holds them together, as arguments of `mat`.
local lines = 'align: #left, column-gap: #0.2em'
local grids = {
  matrix = 'delim: #none', smallmatrix = 'delim: #none',
  vmatrix = 'delim: "|"', Vmatrix = 'delim: "‖"',
  array = 'delim: #none', gathered = 'delim: #none',
  aligned = 'delim: #none, ' .. lines, split = 'delim: #none, ' .. lines,
  braced = 'delim: #("{", none), ' .. lines,
}
-- Those that pandoc writes well where they are the whole formula, and those that a brace may open.
local may_be_whole = { aligned = true, split = true, gathered = true }
local may_be_braced = { 'aligned', 'array', 'gathered', 'split' }

local ems = { em = 1, ex = 0.43, mu = 1 / 18, pt = 0.1, cm = 2.85, mm = 0.285 }

local function escaped(text) return (text:gsub('%p', '%%%0')) end

local function replaced(text, plain, new)
  return text:gsub(escaped(plain) .. (plain:match('%a$') and '%f[%A]' or ''), function() return new() end)
end

-- A pair of bars grows together; one alone, as after `\left.`, stays as high as a letter.
local function without_bars(tex, hold)
  for _, grown in ipairs(growing_bars) do
    local lefts, rights, found = 0, 0, 0
    for _, name in ipairs(grown.names) do
      local ends = name:match('%a$') and '%f[%A]' or ''
      tex, found = tex:gsub('\\left%s*' .. escaped(name) .. ends, left_bar)
      lefts = lefts + found
      tex, found = tex:gsub('\\right%s*' .. escaped(name) .. ends, right_bar)
      rights = rights + found
    end
    if lefts == rights then
      tex = tex:gsub(left_bar, function() return hold('lr(' .. grown.bar) end)
      tex = tex:gsub(right_bar, function() return hold(grown.bar .. ')') end)
    else
      tex = tex:gsub(left_bar, function() return hold('class("opening", ' .. grown.bar .. ')') end)
      tex = tex:gsub(right_bar, function() return hold('class("closing", ' .. grown.bar .. ')') end)
    end
  end
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

-- Grids become round matrices whose first sign says what they are.
local function without_grids(tex, hold)
  tex = tex:gsub('{(%a*matrix)%*}', '{%1}'):gsub('(\\begin{%a+})%s*%[[tbclr]%]', '%1')
  local _, begins = tex:gsub('\\begin{', '')
  for _, name in ipairs(may_be_braced) do
    local opening = '\\left\\{%s*\\begin{' .. name .. '}'
    local closing = '\\end{' .. name .. '}%s*\\right%.'
    if tex:find(opening) and tex:find(closing) then
      tex = tex:gsub(opening, '\\begin{braced}'):gsub(closing, '\\end{braced}')
    end
  end
  for name, arguments in pairs(grids) do
    local opening, closing = '\\begin{' .. name .. '}', '\\end{' .. name .. '}'
    local is_whole = begins == 1 and may_be_whole[name]
      and tex:match('^%s*' .. escaped(opening)) and tex:match(escaped(closing) .. '%s*$')
    if not is_whole then
      tex = replaced(tex, opening, function() return '\\begin{pmatrix}' .. hold('mat:' .. arguments) end)
      tex = replaced(tex, closing, function() return '\\end{pmatrix}' end)
    end
  end
  return tex
end

-- TeX in which held signs stand for what pandoc would lose, and what they stand for.
local function held_back(tex)
  local meanings = {}
  local function hold(typst)
    local sign = utf8.char(first_sign + #meanings)
    table.insert(meanings, { sign, typst })
    return sign .. ' '
  end
  tex = replaced(tex, '\\\\', function() return line_break end)
  tex = tex:gsub('\\[bB]igg?[lrm]?%f[%A]', ''):gsub('\\begin{array}%s*{[^}]*}', '\\begin{array}')
  tex = without_bars(tex, hold)
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

-- The text with each of its strings, quotation marks included, replaced by what `new` makes of
-- it and of what stands before it.
local function map_strings(text, new)
  local done, at = '', 1
  while true do
    local first = text:find('"', at, true)
    if not first then return done .. text:sub(at) end
    local last = first + 1
    while last < #text and text:sub(last, last) ~= '"' do last = last + (text:sub(last, last) == '\\' and 2 or 1) end
    done = done .. text:sub(at, first - 1)
    done, at = done .. new(done, text:sub(first, last)), last + 1
  end
end

-- pandoc's Typst for a formula, with what it loses or spells in an older Typst's way.
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
    -- Words in a formula, or the brackets of a matrix, are no operator.
    if before:find('[(:] ?$') then return name end
    local limits = below[name:gsub('%A', '')] and ', limits: #true' or ''
    return 'op(' .. name .. limits .. ')'
  end)
  -- Words before a bracket are a function's name; before a letter they keep the space that they have.
  written = written:gsub('upright(%("[^"\\]*[^"%s\\]"%)) \\%(', 'op%1 \\(')
  written = written:gsub('(upright%("[^"\\]*"%)) (%w)%f[%W]', '%1%2')
  written = written:gsub('cases%b()', function(cases) return (cases:gsub(' & ', ' & quad ')) end)
  written = given_back(written, meanings)
  -- A line that goes on with a sign is no line that begins with one.
  written = written:gsub('(\\\n%s*& )([+-] )', '%1"" %2')
  return (written:gsub('%f[%a]sect%f[%A]', 'inter'):gsub('(%a+)%.circle%f[%A]', '%1.o'))
end

-- Every formula gets its TeX as words for those who cannot see it.
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
