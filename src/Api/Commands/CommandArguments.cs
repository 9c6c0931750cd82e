namespace GenAI.Chats.Api.Commands;

/// <summary>The arguments behind a verb: <c>--option VALUE</c> or <c>--option=VALUE</c>, each at most once.</summary>
internal sealed class CommandArguments
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private CommandArguments()
    {
    }

    /// <summary>Reads arguments.</summary>
    /// <exception cref="CommandArgumentException">One is not among the options, has no value, or comes twice.</exception>
    public static CommandArguments Parse(ReadOnlySpan<string> args, params ReadOnlySpan<string> options)
    {
        var parsed = new CommandArguments();
        for (var i = 0; i < args.Length; i++)
        {
            var parts = args[i].Split('=', 2);
            if (!options.Contains(parts[0]))
            {
                throw new CommandArgumentException($"{parts[0]} is no option here.");
            }

            var value = parts.Length == 2 ? parts[1] : ++i < args.Length ? args[i] : throw new CommandArgumentException($"{parts[0]} needs a value.");
            if (!parsed._values.TryAdd(parts[0], value))
            {
                throw new CommandArgumentException($"{parts[0]} comes twice.");
            }
        }

        return parsed;
    }

    /// <summary>An option's value; null: it is not given.</summary>
    public string? Find(string option) => _values.GetValueOrDefault(option);

    /// <summary>The value of an option that must be given.</summary>
    /// <exception cref="CommandArgumentException">It is not.</exception>
    public string Get(string option) => Find(option) ?? throw new CommandArgumentException($"{option} is missing.");
}
