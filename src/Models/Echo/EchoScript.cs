using System.Globalization;
using System.Text;
using System.Text.Json;
using GenAI.Chats.Models.Json;
using GenAI.Chats.V1;
using Google.Protobuf.Collections;
using Google.Rpc;

namespace GenAI.Chats.Models.Echo;

/// <summary>How the echo model is to answer, as the labels of the config say.</summary>
internal readonly record struct EchoScript
{
    /// <summary>Milliseconds before each chunk.</summary>
    public const string DelayLabel = "echo-delay-ms";

    /// <summary>How many times the text is answered, end to end.</summary>
    public const string RepeatLabel = "echo-repeat";

    /// <summary>The chunk, counted from 1, that fails with UNAVAILABLE in its place. An answer with fewer chunks does not fail.</summary>
    public const string FailAtLabel = "echo-fail-at";

    /// <summary>The finish reason in place of STOP; <c>none</c>: none comes.</summary>
    public const string FinishLabel = "echo-finish";

    /// <summary>
    /// Functions that are called before the text is answered: the name of one, or JSON, an object as the API has calls
    /// (<c>{"name": "now", "args": {}}</c>) or a list of them, which are called together.
    /// </summary>
    public const string CallLabel = "echo-call";

    /// <summary>How often they are called, one time after the other, before the last responses are answered as text. 1 unless it is said.</summary>
    public const string CallRoundsLabel = "echo-call-rounds";

    private const int MaxDelayMilliseconds = 3_600_000;
    private const int MaxRepeat = 1_000_000;

    /// <summary>An answer is built in memory, and must not be a way to fill it.</summary>
    private const int MaxTextLength = 16 * 1024 * 1024;

    private const int MaxCallRounds = 1000;

    private const string Stop = "STOP";

    /// <summary>The time before each chunk.</summary>
    public TimeSpan Delay { get; private init; }

    /// <summary>How many times the text is answered.</summary>
    public int Repeat { get; private init; }

    /// <summary>The chunk that fails; 0 is none.</summary>
    public int FailAt { get; private init; }

    /// <summary>The finish reason, empty for none.</summary>
    public string FinishReason { get; private init; }

    /// <summary>The functions that are called; empty for none.</summary>
    public IReadOnlyList<FunctionCall> Calls { get; private init; }

    /// <summary>How often they are called.</summary>
    public int CallRounds { get; private init; }

    /// <summary>Reads the labels; those that are not the model's are passed over.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT: a value is out of its range. The message names the label.</exception>
    public static EchoScript Of(GenerateContentConfig? config)
    {
        var labels = config?.Labels;
        if (labels is not { Count: > 0 })
        {
            return new EchoScript { Repeat = 1, FinishReason = Stop, Calls = [] };
        }

        return new EchoScript
        {
            Delay = TimeSpan.FromMilliseconds(ReadNumber(labels, DelayLabel, 0, MaxDelayMilliseconds) ?? 0),
            Repeat = ReadNumber(labels, RepeatLabel, 1, MaxRepeat) ?? 1,
            FailAt = ReadNumber(labels, FailAtLabel, 1, int.MaxValue) ?? 0,
            FinishReason = labels.TryGetValue(FinishLabel, out var finish) ? ReadFinish(finish) : Stop,
            Calls = labels.TryGetValue(CallLabel, out var calls) ? ReadCalls(calls) : [],
            CallRounds = ReadNumber(labels, CallRoundsLabel, 0, MaxCallRounds) ?? 1,
        };
    }

    /// <summary>The answer to a text.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT: it would be too long.</exception>
    public string RepeatText(string text)
    {
        if (Repeat == 1)
        {
            return text;
        }

        if ((long)text.Length * Repeat > MaxTextLength)
        {
            var value = Repeat.ToString(CultureInfo.InvariantCulture);
            throw Invalid(RepeatLabel, value, $"the answer may have at most {MaxTextLength} characters");
        }

        return string.Create(text.Length * Repeat, text, static (answer, text) =>
        {
            for (; !answer.IsEmpty; answer = answer[text.Length..])
            {
                text.CopyTo(answer);
            }
        });
    }

    private static int? ReadNumber(MapField<string, string> labels, string label, int min, int max)
    {
        if (!labels.TryGetValue(label, out var value))
        {
            return null;
        }

        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw Invalid(label, value, $"it must be a whole number from {min} to {max}");
    }

    private static string ReadFinish(string value) => value switch
    {
        "" => throw Invalid(FinishLabel, value, "it must be a finish reason, or none"),
        "none" => "",
        _ => value,
    };

    private static List<FunctionCall> ReadCalls(string value)
    {
        try
        {
            return value.TrimStart() switch
            {
                "" => throw new JsonException(),
                ['{', ..] => [ReadCall(value)],
                ['[', ..] => ReadList(value),
                _ => [new FunctionCall { Name = value }],
            };
        }
        catch (JsonException)
        {
            throw Invalid(CallLabel, value, "it must be a function's name, a JSON object with a name, or a list of such objects");
        }
    }

    private static List<FunctionCall> ReadList(string json)
    {
        using var list = RestJson.Parse(Encoding.UTF8.GetBytes(json));
        return [.. list.RootElement.EnumerateArray().Select(element => ReadCall(element.GetRawText()))];
    }

    private static FunctionCall ReadCall(string json)
    {
        var call = RestJson.Read<FunctionCall>(Encoding.UTF8.GetBytes(json));
        return call.Name.Length > 0 ? call : throw new JsonException();
    }

    private static ModelException Invalid(string label, string value, string rule) =>
        new(Code.InvalidArgument, ModelErrorReasons.InvalidRequest, $"Label {label} is '{value}': {rule}.");
}
