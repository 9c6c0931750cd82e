using System.Text;
using GenAI.Chats.Engine.Errors;

namespace GenAI.Chats.Engine.Lists;

/// <summary>Reads the filter of ListChats: <c>labels.KEY = "VALUE"</c>, several joined by <c>AND</c>. In a value, <c>\"</c> and <c>\\</c> stand for themselves.</summary>
internal ref struct LabelFilter(string text)
{
    /// <summary>How many bytes a filter has at most.</summary>
    public const int MaxBytes = 8 * 1024;

    /// <summary>How many labels a filter asks for at most.</summary>
    public const int MaxLabels = 64;

    private const string Prefix = "labels.";
    private readonly ReadOnlySpan<char> _text = text;
    private int _at;

    /// <summary>The labels that the filter asks for; none for an empty one.</summary>
    /// <exception cref="ChatException">The text is no such filter, or more than one may have.</exception>
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
