using System.CommandLine;
using System.Text.RegularExpressions;

namespace GenAI.Chats.Silo.Commands;

/// <summary>The arguments of a server program, split into settings and the arguments of commands.</summary>
/// <param name="Settings">The settings, each as <c>--key=value</c>.</param>
/// <param name="Others">All other arguments: commands, and their options and values.</param>
internal sealed partial record CommandArguments(IReadOnlyList<string> Settings, IReadOnlyList<string> Others)
{
    private const string LongPrefix = "--";

    /// <summary>
    /// Splits arguments. Settings are <c>--key=value</c>, <c>--key value</c>, <c>/key=value</c>, <c>/key value</c>, and <c>key=value</c>, as .NET reads them, unless the
    /// key is an option of a command.
    /// </summary>
    public static CommandArguments Split(IReadOnlyList<string> args, Command root)
    {
        // Directives are for completion: the arguments after them are a command line to complete.
        if (args is [['[', ..], ..])
        {
            return new CommandArguments([], args);
        }

        var options = OptionsOf(root).ToDictionary(static pair => pair.Name, static pair => pair.Option, StringComparer.Ordinal);
        List<string> settings = [];
        List<string> others = [];
        for (var i = 0; i < args.Count; i++)
        {
            var name = args[i].Split('=', 2)[0];
            if (options.TryGetValue(name, out var option))
            {
                others.Add(args[i]);

                // The value can begin with hyphens, as some page tokens do.
                if (name == args[i] && option.Arity.MinimumNumberOfValues > 0 && i + 1 < args.Count)
                {
                    others.Add(args[++i]);
                }
            }
            else if (Setting.Match(args[i]) is { Success: true, Groups: var parts } && (parts["prefix"].Length > 0 || parts["value"].Success))
            {
                var value = parts["value"].Success ? parts["value"].Value : HasValue(args, i) ? args[++i] : "";
                settings.Add($"{LongPrefix}{parts["key"].Value}={value}");
            }
            else
            {
                others.Add(args[i]);
            }
        }

        return new CommandArguments(settings, others);
    }

    private static bool HasValue(IReadOnlyList<string> args, int i) => i + 1 < args.Count && !args[i + 1].StartsWith(LongPrefix, StringComparison.Ordinal);

    private static IEnumerable<(string Name, Option Option)> OptionsOf(Command command) =>
        command.Options.SelectMany(static option => option.Aliases.Append(option.Name).Select(name => (name, option)))
            .Concat(command.Subcommands.SelectMany(OptionsOf)).DistinctBy(static pair => pair.Item1);

    [GeneratedRegex(@"\A(?<prefix>--|/)?(?<key>[\w.-]+(?::[\w. -]+)*)(?:=(?<value>.*))?\z", RegexOptions.Singleline)]
    private static partial Regex Setting { get; }
}
