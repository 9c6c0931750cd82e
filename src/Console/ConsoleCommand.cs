using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace GenAI.Chats.Console;

/// <summary>The command line of the program.</summary>
internal sealed class ConsoleCommand
{
    private const string Description = """
        Chats in the terminal with a running service. To start one: ./run

          ./chat                            start a new chat
          ./chat --chat demo                continue the chat "demo", or create it
          ./chat --chat demo Hello there    send one message, print the response, and exit
          echo hi | ./chat --chat demo      the same, with the message from stdin

        If GENAI_CHATS_API_KEY is set, it's sent as the API key. Commands in a chat: /help.
        """;

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

    private readonly RootCommand _command;

    private ConsoleCommand() =>
        _command = new RootCommand(Description) { _address, _chat, _model, _system, _ca, _certificate, _certificateKey, _message };

    /// <summary>Runs the command line.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="run">Chats with the parsed arguments, and returns the exit code.</param>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(string[] args, Func<ConsoleArguments, Task<int>> run) => new ConsoleCommand().ParseAsync(args, run);

    private async Task<int> ParseAsync(string[] args, Func<ConsoleArguments, Task<int>> run)
    {
        _command.SetAction((parsed, _) => run(ToArguments(parsed)));
        var result = _command.Parse(args, Parsing);
        if (UnknownOptions(result, args) is { Length: > 0 } unknown)
        {
            // The parser knows options that are similar. As part of a message, it accepts any word.
            _command.Arguments.Remove(_message);
            result = _command.Parse(unknown, Parsing);
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
        await invocation.Error.WriteLineAsync("For usage, run ./chat --help.").ConfigureAwait(false);
        return ExitCodes.Usage;
    }

    private string[] UnknownOptions(ParseResult result, string[] args)
    {
        var words = args.TakeWhile(static word => word != EndOfOptions).ToHashSet();
        return result.Action is { ClearsParseErrors: true } || result.GetResult(_message) is not { Tokens: var tokens }
            ? []
            : [.. tokens.Select(static token => token.Value).Where(word => word.StartsWith(EndOfOptions, StringComparison.Ordinal) && words.Contains(word))];
    }

    private ConsoleArguments ToArguments(ParseResult parsed)
    {
        var defaults = new ConsoleArguments();
        return defaults with
        {
            Address = parsed.GetValue(_address) ?? defaults.Address,
            CaFile = parsed.GetValue(_ca) ?? defaults.CaFile,
            CertificateFile = parsed.GetValue(_certificate),
            CertificateKeyFile = parsed.GetValue(_certificateKey),
            ChatId = parsed.GetValue(_chat),
            Model = parsed.GetValue(_model) ?? defaults.Model,
            System = parsed.GetValue(_system),
            Message = parsed.GetValue(_message) is { Length: > 0 } words ? string.Join(' ', words) : null,
        };
    }

    private static Option<string?> Text(string name, string value, string description) => new(name) { HelpName = value, Description = description };

    private static Uri? ParseAddress(ArgumentResult result)
    {
        try
        {
            return ConsoleArguments.ToUri(result.Tokens[0].Value);
        }
        catch (ArgumentException wrong)
        {
            result.AddError(wrong.Message);
            return null;
        }
    }
}
