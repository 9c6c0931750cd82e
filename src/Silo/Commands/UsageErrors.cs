using System.CommandLine;
using GenAI.Chats.Silo.Settings;

namespace GenAI.Chats.Silo.Commands;

/// <summary>Describes invalid command lines.</summary>
internal static class UsageErrors
{
    /// <summary>Returns one line for each error, with the nearest command or option, if there is one.</summary>
    /// <param name="result">The parsed arguments, without settings.</param>
    /// <param name="settings">The settings, each as <c>--key=value</c>.</param>
    public static IReadOnlyList<string> Find(ParseResult result, IReadOnlyList<string> settings)
    {
        var command = result.CommandResult.Command;
        List<string> errors = [];
        if (command is not (RootCommand or SettingsCommand))
        {
            errors.AddRange(settings.Select(setting => Unknown(command, setting.Split('=', 2)[0])));
        }

        errors.AddRange(result.UnmatchedTokens.Select(token => Unknown(command, token)));
        return errors.Count > 0 ? errors : [.. result.Errors.Select(static error => error.Message).Distinct()];
    }

    private static string Unknown(Command command, string token)
    {
        var isOption = token.StartsWith('-');
        var names = isOption
            ? OptionsOf(command).Append("--help")
            : command.Subcommands.Select(static subcommand => subcommand.Name);
        var nearest = NearestName.Find(token, names);
        return $"Unknown {(isOption ? "option" : command.Subcommands.Count > 0 ? "command" : "argument")} '{token}'.{(nearest is null ? "" : $" Did you mean '{nearest}'?")}";
    }

    // Of the command, and those of its parents that apply to it.
    private static IEnumerable<string> OptionsOf(Command command) => command.Options.Select(static option => option.Name)
        .Concat(command.Parents.OfType<Command>().SelectMany(static parent => parent.Options).Where(static option => option.Recursive).Select(static option => option.Name));
}
