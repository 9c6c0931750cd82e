using System.Globalization;
using System.Text;
using Google.Protobuf.Collections;

namespace GenAI.Chats.Models.Echo;

/// <summary>The behavior of the echo model, from the labels of the config.</summary>
internal readonly record struct EchoScript
{
    /// <summary>The delay before each chunk, in milliseconds.</summary>
    public const string DelayLabel = "echo-delay-ms";

    /// <summary>How often the text is repeated.</summary>
    public const string RepeatLabel = "echo-repeat";

    /// <summary>The number of the chunk, from 1, that is replaced by an UNAVAILABLE failure. Responses with fewer chunks don't fail.</summary>
    public const string FailAtLabel = "echo-fail-at";

    /// <summary>The finish reason instead of STOP. <c>none</c> omits it.</summary>
    public const string FinishLabel = "echo-finish";

    /// <summary>
    /// The function calls before the text: a function name, a JSON object as in the API (<c>{"name": "now", "args": {}}</c>), or an array of such objects
    /// for parallel calls.
    /// </summary>
    public const string CallLabel = "echo-call";

    /// <summary>How many rounds of calls precede the text. Default 1.</summary>
    public const string CallRoundsLabel = "echo-call-rounds";

    private const int MaxDelayMilliseconds = 3_600_000;
    private const int MaxRepeat = 1_000_000;

    /// <summary>The response is built in memory, so its size is limited.</summary>
    private const int MaxTextLength = 16 * 1024 * 1024;

    private const int MaxCallRounds = 1000;

    private const string Stop = "STOP";

    /// <summary>Gets the delay before each chunk.</summary>
    public TimeSpan Delay { get; private init; }

    /// <summary>Gets how often the text is repeated.</summary>
    public int Repeat { get; private init; }

    /// <summary>Gets the number of the chunk that fails, or 0.</summary>
    public int FailAt { get; private init; }

    /// <summary>Gets the finish reason. Empty for none.</summary>
    public string FinishReason { get; private init; }

    /// <summary>Gets the function calls.</summary>
    public IReadOnlyList<FunctionCall> Calls { get; private init; }

    /// <summary>Gets the number of rounds of calls.</summary>
    public int CallRounds { get; private init; }

    /// <summary>Reads the labels. Other labels are ignored.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT: a value is invalid. The message names the label.</exception>
    public static EchoScript Of(GenerateContentConfig? config)
    {
        var labels = config?.Labels ?? [];
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

    /// <summary>Returns the response to a text.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT: the response would be too long.</exception>
    public string RepeatText(string text)
    {
        if (Repeat == 1)
        {
            return text;
        }

        if ((long)text.Length * Repeat > MaxTextLength)
        {
            var value = Repeat.ToString(CultureInfo.InvariantCulture);
            throw Invalid(RepeatLabel, value, $"a response of at most {MaxTextLength} characters");
        }

        return string.Concat(Enumerable.Repeat(text, Repeat));
    }

    private static int? ReadNumber(MapField<string, string> labels, string label, int min, int max)
    {
        if (!labels.TryGetValue(label, out var value))
        {
            return null;
        }

        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw Invalid(label, value, $"an integer from {min} to {max}");
    }

    private static string ReadFinish(string value) => value switch
    {
        "" => throw Invalid(FinishLabel, value, "a finish reason, or none"),
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
            throw Invalid(CallLabel, value, "a function name, a JSON object with a \"name\", or an array of such objects");
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
        new(ModelErrorReasons.InvalidRequest, $"Label {label}: invalid value '{value}'. Expected: {rule}.");
}
