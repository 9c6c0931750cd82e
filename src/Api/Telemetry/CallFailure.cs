using System.Collections.Frozen;
using System.Text;
using Google.Rpc;
using Grpc.Core;

namespace GenAI.Chats.Api.Telemetry;

/// <summary>The names of statuses in telemetry. There are few of them. Telemetry doesn't contain the messages of statuses.</summary>
internal static class CallFailure
{
    private static readonly FrozenDictionary<StatusCode, string> Names =
        Enum.GetValues<StatusCode>().ToFrozenDictionary(static code => code, static code => code is StatusCode.OK ? "OK" : UpperSnake(code.ToString()));

    /// <summary>Returns the name of a status code, such as <c>RESOURCE_EXHAUSTED</c>.</summary>
    public static string NameOf(StatusCode code) => Names[code];

    /// <summary>Returns the reason that the client gets, or the name of the status code if there is no reason.</summary>
    /// <param name="error">The status.</param>
    /// <param name="isOfTurn">Whether a turn failed, and not the call.</param>
    public static string ReasonOf(RpcException error, out bool isOfTurn)
    {
        var info = error.GetRpcStatus()?.GetDetail<ErrorInfo>();
        isOfTurn = info?.Metadata.ContainsKey("turn_id") ?? false;
        return info?.Reason ?? NameOf(error.StatusCode);
    }

    private static string UpperSnake(string name)
    {
        var text = new StringBuilder();
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && text.Length > 0)
            {
                text.Append('_');
            }

            text.Append(char.ToUpperInvariant(letter));
        }

        return text.ToString();
    }
}
