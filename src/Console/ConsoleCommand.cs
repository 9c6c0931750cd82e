using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace GenAI.Chats.Console;

/// <summary>The command line of the program.</summary>
internal sealed class ConsoleCommand
{
    private const string EndOfOptions = "--";

    // A message can begin with @.
    private static readonly ParserConfiguration Parsing = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    private readonly Option<Uri?> _address = new("--address")
    {
        Description = "Address of the service, or an http(s) URL. Default: GENAI_CHATS_ADDRESS, or 127.0.0.1:50051.",
        HelpName = "HOST:PORT",
        CustomParser = ParseAddress,
    };

    private readonly Option<string?> _chat = Text("--chat", "ID", "ID of the chat. Default: a new chat.");
    private readonly Option<string?> _model = Text("--model", "NAME", "Model of a new chat. Default: echo.");
    private readonly Option<string?> _system = Text("--system", "TEXT", "System instruction of a new chat.");
    private readonly Option<string?> _ca = Text("--ca", "FILE", "CA certificate (PEM) to verify the server. Default: GENAI_CHATS_CA_FILE, or the system trust store.");
    private readonly Option<string?> _certificate = Text("--certificate", "FILE", "Client certificate (PEM).");
    private readonly Option<string?> _certificateKey = Text("--certificate-key", "FILE", "Private key (PEM) of the client certificate. Default: the certificate's file.");

    private readonly Argument<string[]> _message = new("message")
    {
        Description = "The message to send. All words after -- are the message.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly string _name;
    private readonly Command _command;
    private readonly RootCommand _root;

    // The words of the command line before the arguments.
    private readonly string[] _words;

    private ConsoleCommand(string name, string serverName)
    {
        _name = name;
        _words = [.. name.Split(' ').Skip(1)];
        _command = _root = new RootCommand();
        foreach (var word in _words)
        {
            var subcommand = new Command(word);
            _command.Add(subcommand);
            _command = subcommand;
        }

        _command.Description = Describe(name, serverName);
        foreach (var option in new Option[] { _address, _chat, _model, _system, _ca, _certificate, _certificateKey })
        {
            _command.Add(option);
        }

        _command.Add(_message);
    }

    /// <summary>Runs the command line.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="name">The program, as users type it: for example, <c>./chat</c>, or <c>genai-chats chat</c>.</param>
    /// <param name="serverName">The program that starts a service, as users type it.</param>
    /// <param name="run">Chats with the parsed arguments, and returns the exit code.</param>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(string[] args, string name, string serverName, Func<ConsoleArguments, Task<int>> run) =>
        new ConsoleCommand(name, serverName).ParseAsync(args, run);

    private static string Describe(string name, string serverName)
    {
        (string Line, string Effect)[] examples =
        [
            (name, "start a new chat"),
            ($"{name} --chat demo", "continue the chat \"demo\", or create it"),
            ($"{name} --chat demo Hello there", "send one message, print the response, and exit"),
            ($"echo hi | {name} --chat demo", "the same, with the message from stdin"),
        ];
        var width = examples.Max(static example => example.Line.Length);
        return $"""
            Chats in the terminal with a running service. To start one: {serverName}

            {string.Join('\n', examples.Select(example => $"  {example.Line.PadRight(width)}    {example.Effect}"))}

            If GENAI_CHATS_API_KEY or GENAI_CHATS_ACCESS_TOKEN is set, it's sent as the API key or token. Commands in a chat: /help.
            """;
    }

    private async Task<int> ParseAsync(string[] args, Func<ConsoleArguments, Task<int>> run)
    {
        _command.SetAction((parsed, _) => RunAsync(parsed, run));
        var result = _root.Parse([.. _words, .. args], Parsing);
        if (UnknownOptions(result, args) is { Length: > 0 } unknown)
        {
            // The parser knows options that are similar. As part of a message, it accepts any word.
            _command.Arguments.Remove(_message);
            result = _root.Parse([.. _words, .. unknown], Parsing);
        }

        // Ctrl+C has a meaning of its own in a chat.
        var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        if (result.Action is not ParseErrorAction errors)
        {
            return await result.InvokeAsync(invocation).ConfigureAwait(false);
        }

        errors.ShowHelp = false;
        invocation.Output = invocation.Error;
        await result.InvokeAsync(invocation).ConfigureAwait(false);
        await invocation.Error.WriteLineAsync($"For usage, run {_name} --help.").ConfigureAwait(false);
        return ExitCodes.Usage;
    }

    private string[] UnknownOptions(ParseResult result, string[] args)
    {
        var words = args.TakeWhile(static word => word != EndOfOptions).ToHashSet();
        return result.Action is { ClearsParseErrors: true } || result.GetResult(_message) is not { Tokens: var tokens }
            ? []
            : [.. tokens.Select(static token => token.Value).Where(word => word.StartsWith(EndOfOptions, StringComparison.Ordinal) && words.Contains(word))];
    }

    private async Task<int> RunAsync(ParseResult parsed, Func<ConsoleArguments, Task<int>> run)
    {
        ConsoleArguments arguments;
        try
        {
            arguments = ToArguments(parsed);
        }
        catch (ArgumentException wrong)
        {
            await System.Console.Error.WriteLineAsync(wrong.Message).ConfigureAwait(false);
            return ExitCodes.Usage;
        }

        return await run(arguments).ConfigureAwait(false);
    }

    private ConsoleArguments ToArguments(ParseResult parsed)
    {
        var defaults = ChatsClientOptions.FromEnvironment();
        var arguments = new ConsoleArguments
        {
            // Restarted turns are shown as such, because a person can tell the responses apart.
            Client = defaults with
            {
                Address = parsed.GetValue(_address) ?? defaults.Address,
                TrustedRootsFile = parsed.GetValue(_ca) ?? defaults.TrustedRootsFile,
                ClientCertificateFile = parsed.GetValue(_certificate),
                ClientKeyFile = parsed.GetValue(_certificateKey),
                OnTurnRestart = TurnRestartPolicy.Signal,
                SendTimeout = TimeSpan.FromHours(1),
            },
            ChatId = parsed.GetValue(_chat),
            System = parsed.GetValue(_system),
            Message = parsed.GetValue(_message) is { Length: > 0 } words ? string.Join(' ', words) : null,
        };
        return parsed.GetValue(_model) is { } model ? arguments with { Model = model } : arguments;
    }

    private static Option<string?> Text(string name, string value, string description) => new(name) { HelpName = value, Description = description };

    private static Uri? ParseAddress(ArgumentResult result)
    {
        if (!ChatsClientOptions.TryParseAddress(result.Tokens[0].Value, out var uri))
        {
            result.AddError($"Invalid address '{result.Tokens[0].Value}'. Expected HOST:PORT or an http(s) URL.");
        }

        return uri;
    }
}
