using System.Collections.Frozen;
using System.Text;
using Google.Rpc;
using Grpc.Core;

namespace GenAI.Chats.Api.Telemetry;

/// <summary>What telemetry tells of a status: names that are few. Its message is the client's alone.</summary>
internal static class CallFailure
{
    private static readonly FrozenDictionary<StatusCode, string> Names =
        Enum.GetValues<StatusCode>().ToFrozenDictionary(static code => code, static code => code is StatusCode.OK ? "OK" : UpperSnake(code.ToString()));

    /// <summary>A status code as gRPC writes it, such as <c>RESOURCE_EXHAUSTED</c>.</summary>
    public static string NameOf(StatusCode code) => Names[code];

    /// <summary>Why a call failed: the reason that its client gets; without one, the status code.</summary>
    /// <param name="error">The status.</param>
    /// <param name="isOfTurn">Whether it is a turn that failed, rather than the call.</param>
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
