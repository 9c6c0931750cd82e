using System.Text;

namespace GenAI.Chats.Engine.Lists;

/// <summary>Parses the filter of ListChats: <c>labels.KEY = "VALUE"</c>, joined by <c>AND</c>. In a value, <c>\"</c> and <c>\\</c> are escapes for <c>"</c> and <c>\</c>.</summary>
internal ref struct LabelFilter(string text)
{
    /// <summary>The maximum size of a filter, in bytes.</summary>
    public const int MaxBytes = 8 * 1024;

    /// <summary>The maximum number of labels in a filter.</summary>
    public const int MaxLabels = 64;

    private const string Prefix = "labels.";
    private readonly ReadOnlySpan<char> _text = text;
    private int _at;

    /// <summary>Returns the filter's labels. An empty filter has none.</summary>
    /// <exception cref="ChatException">The filter is invalid or too long.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Parse(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) > MaxBytes)
        {
            throw ChatErrors.FilterTooLong($"{MaxBytes} bytes");
        }

        var labels = new List<KeyValuePair<string, string>>();
        if (string.IsNullOrWhiteSpace(text))
        {
            return labels;
        }

        var filter = new LabelFilter(text);
        do
        {
            if (labels.Count == MaxLabels)
            {
                throw ChatErrors.FilterTooLong($"{MaxLabels} labels");
            }

            labels.Add(filter.Label());
        }
        while (filter.And());

        return labels;
    }

    private KeyValuePair<string, string> Label()
    {
        SkipSpaces();
        Expect(Prefix);
        var start = _at;
        while (_at < _text.Length && _text[_at] is not ('=' or ' ' or '"'))
        {
            _at++;
        }

        var key = _text[start.._at].ToString();
        if (key.Length == 0)
        {
            throw ChatErrors.Filter(_at);
        }

        SkipSpaces();
        Expect("=");
        SkipSpaces();
        return new KeyValuePair<string, string>(key, Quoted());
    }

    private string Quoted()
    {
        Expect("\"");
        var value = new StringBuilder();
        for (; _at < _text.Length && _text[_at] != '"'; _at++)
        {
            if (_text[_at] == '\\' && ++_at == _text.Length)
            {
                break;
            }

            value.Append(_text[_at]);
        }

        Expect("\"");
        return value.ToString();
    }

    private bool And()
    {
        SkipSpaces();
        if (_at == _text.Length)
        {
            return false;
        }

        Expect("AND ");
        return true;
    }

    private void SkipSpaces()
    {
        while (_at < _text.Length && _text[_at] == ' ')
        {
            _at++;
        }
    }

    private void Expect(string expected)
    {
        if (!_text[_at..].StartsWith(expected, StringComparison.Ordinal))
        {
            throw ChatErrors.Filter(_at);
        }

        _at += expected.Length;
    }
}
