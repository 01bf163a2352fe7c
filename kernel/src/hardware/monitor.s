# The monitor: all that ever runs in ring 0.
#
# It enters long mode, prepares the processor for ring 3, and leaves for good; from then on it is entered by `hlt` in
# ring 3, which faults (#GP), by interrupts, which are open only while it sleeps, and by faults. No loops, no Rust: on
# machines whose virtual machine is emulated in ring 0, an instruction here costs as much as thousands there.
#
# Ring 3 makes three calls at `monitor_call`, with the number in EAX; RCX and RDX are clobbered:
#   0 wait: arms the timer with RDI (a time-stamp counter's value, or ticks of the local APIC), sleeps until any interrupt,
#           returns.
#   1 seal: once. Loads the page tables at RDI and closes the ports that only the boot needs.
#   2 end:  the machine, by a triple fault where its exit device is missing.
# and one at `monitor_sleep`: sleeps until any interrupt, returns. EAX is zero: it is what is written to end that interrupt. (Another
# value there means nothing more to a local APIC.)

.set MONITOR,        0x100000     # where the linker script puts code and constants,
.set MONITOR_DATA,   0x101000     # and what changes, the task state first
.set APIC_EOI,       0xfee000b0
.set APIC_COUNT,     0xfee00380   # the timer's initial count

.set KERNEL_CODE,    0x08
.set KERNEL_DATA,    0x10
.set USER_DATA,      0x18 + 3
.set USER_CODE,      0x20 + 3
.set TASK_STATE,     0x28

# Offsets in the task state.
.set PORTS,          0xd00        # ports that the bitmaps speak of; beyond, none is allowed
.set BOOT_PORTS,     104
.set SEALED_PORTS,   BOOT_PORTS + PORTS / 8 + 1

.set EXIT_PORT,      0xf4         # QEMU's isa-debug-exit
.set EXIT_FAULT,     0x11

.section .monitor.text, "ax", @progbits
monitor_start:

#---------- Entry --------------------------------------------------------------------------------------------------------

# PVH (Xen's docs/misc/pvh.pandoc): 32-bit protected mode, flat segments, no paging, EBX -> hvm_start_info, no stack.
.code32
.globl pvh_entry
pvh_entry:
    cli
    cld
    mov esp, offset monitor_stack_top
    mov edi, ebx
    rdtsc
    mov [entry_time], eax
    mov [entry_time + 4], edx

    mov eax, 7                      # structured features
    xor ecx, ecx
    cpuid
    mov ebp, ebx
    mov esi, ecx
    mov eax, 1
    cpuid
    mov ebx, ecx

    # CR4: PAE; SSE for ring 3 (OSFXSR, OSXMMEXCPT); what the processor has of OSXSAVE and UMIP; and SMEP once the
    # machine is sealed, for until then all pages are ring 3's.
    mov eax, (1 << 5) | (1 << 9) | (1 << 10)
    bt ebx, 26
    jnc 1f
    or eax, 1 << 18
1:  bt esi, 2
    jnc 2f
    or eax, 1 << 11
2:  mov cr4, eax
    bt ebp, 7
    jnc 3f
    or eax, 1 << 20
3:  mov [sealed_cr4], eax

    mov eax, offset boot_page_map
    mov cr3, eax
    mov ecx, 0xc0000080             # EFER: long mode, no-execute
    rdmsr
    or eax, (1 << 8) | (1 << 11)
    wrmsr
    mov eax, 0x80010033             # CR0: PG, WP, NE, ET, MP, PE
    mov cr0, eax
    lgdt [descriptor_table_pointer]
    push KERNEL_CODE
    mov eax, offset long_mode
    push eax
    retf

.code64
long_mode:
    # What the caller's stack segments held is unknown; ring 3's are null but for the stack.
    xor eax, eax
    mov ds, eax
    mov es, eax
    mov fs, eax
    mov gs, eax
    mov eax, KERNEL_DATA
    mov ss, eax

    # XCR0: x87, SSE, AVX and AVX-512, as far as the processor has them.
    bt ebx, 26
    jnc 1f
    mov eax, 0xd
    xor ecx, ecx
    cpuid
    and eax, 0xe7
    xor edx, edx
    xor ecx, ecx
    xsetbv

    # kvmclock, if this is KVM and has it (Documentation/virt/kvm/x86/msr.rst).
1:  mov eax, 0x40000000
    cpuid
    cmp ebx, 0x4b4d564b             # "KVMK"
    jne 2f
    mov eax, 0x40000001
    cpuid
    bt eax, 3
    jnc 2f
    xor edx, edx
    mov ecx, 0x4b564d00
    mov eax, offset wall_clock
    wrmsr
    mov ecx, 0x4b564d01
    mov eax, offset system_time + 1
    wrmsr

2:  lidt [interrupt_table_pointer]
    mov eax, TASK_STATE
    ltr ax

    mov edi, edi
    xor ebp, ebp                    # the end of every backtrace
    push USER_DATA
    mov eax, offset _stack_end - 8
    push rax
    push 2                          # RFLAGS: interrupts off, and nobody in ring 3 can open them
    push USER_CODE
    mov eax, offset boot
    push rax
    iretq

#---------- Calls --------------------------------------------------------------------------------------------------------

# Stack: error code, RIP, CS, RFLAGS, RSP, SS. The address tells a call from a fault. Where ring 0 is emulated, each of its
# instructions costs a microsecond: a sleep without a deadline, the common one, has the fewest.
general_protection:
    cmp qword ptr [rsp + 8], offset monitor_sleep
    jne 1f
    sti
    hlt

1:  cmp qword ptr [rsp + 8], offset monitor_call
    jne 2f
    test eax, eax
    jnz 1f

    # wait
    mov eax, edi
    cmp byte ptr [timer_is_deadline], 0
    je 3f
    mov rdx, rdi
    shr rdx, 32
    mov ecx, 0x6e0                  # IA32_TSC_DEADLINE
    wrmsr
    jmp 4f
3:  mov ecx, APIC_COUNT
    mov dword ptr [rcx], eax
4:  xor eax, eax
    sti
    hlt

    # seal
1:  cmp eax, 2
    je die
    cmp eax, 1
    jne 2f
    cmp byte ptr [sealed], 0
    jne 2f
    mov byte ptr [sealed], 1
    mov cr3, rdi
    mov eax, [sealed_cr4]
    mov cr4, rax
    mov word ptr [task_state + 102], SEALED_PORTS
    inc qword ptr [rsp + 8]
    add rsp, 8
    iretq

2:  push 13
    jmp fault

# Any interrupt, taken in `sti; hlt` above and nowhere else: leave the sleep and return to ring 3 behind its `hlt`.
# The processor aligned the stack before it pushed (Intel SDM vol. 3 §7.14.2): the frame says where it was. EAX is zero.
interrupt:
    mov rsp, [rsp + 24]
    movabs dword ptr [APIC_EOI], eax
    inc qword ptr [rsp + 8]
    add rsp, 8
    iretq

#---------- Faults -------------------------------------------------------------------------------------------------------

# Stack: vector, error code, RIP, CS, RFLAGS, RSP, SS. Hands all of it to ring 3 on the emergency stack, once.
fault:
    test byte ptr [rsp + 24], 3
    jz die
    cmp byte ptr [faulted], 0
    jne die
    mov byte ptr [faulted], 1
    mov [fault_registers], rax
    mov [fault_registers + 8], rbx
    mov [fault_registers + 16], rcx
    mov [fault_registers + 24], rdx
    mov [fault_registers + 32], rsi
    mov [fault_registers + 40], rdi
    mov [fault_registers + 48], rbp
    mov [fault_registers + 56], r8
    mov [fault_registers + 64], r9
    mov [fault_registers + 72], r10
    mov [fault_registers + 80], r11
    mov [fault_registers + 88], r12
    mov [fault_registers + 96], r13
    mov [fault_registers + 104], r14
    mov [fault_registers + 112], r15
    mov rax, cr2
    mov [fault_registers + 120], rax
    pop qword ptr [fault_registers + 128]   # vector
    pop qword ptr [fault_registers + 136]   # error code
    pop qword ptr [fault_registers + 144]   # RIP
    add rsp, 8
    pop qword ptr [fault_registers + 152]   # RFLAGS
    pop qword ptr [fault_registers + 160]   # RSP
    add rsp, 8

    push USER_DATA
    mov eax, offset _emergency_stack_end - 8
    push rax
    push 2
    push USER_CODE
    mov eax, offset report_fault
    push rax
    mov edi, offset fault_registers
    iretq

# A fault in the monitor, or while one was being reported: end the machine, by its exit device or by a triple fault.
die:
    mov al, EXIT_FAULT
    out EXIT_PORT, al
    lidt [no_table_pointer]
    ud2

.macro without_error_code vector
.balign 16
vector_\vector:
    push 0
    push \vector
    jmp fault
.endm

.macro with_error_code vector
.balign 16
vector_\vector:
    push \vector
    jmp fault
.endm

.irp vector, 0,1,2,3,4,5,6,7,9,15,16,18,19,20,22,23,24,25,26,27,28,31
    without_error_code \vector
.endr
.irp vector, 8,10,11,12,14,17,21,29,30
    with_error_code \vector
.endr

#---------- Tables -------------------------------------------------------------------------------------------------------

# A segment descriptor of 64-bit mode: only kind and privilege matter.
.balign 16
descriptor_table:
    .quad 0
    .quad 0x00af9b000000ffff        # ring 0 code
    .quad 0x00cf93000000ffff        # ring 0 data
    .quad 0x00cff3000000ffff        # ring 3 data
    .quad 0x00affb000000ffff        # ring 3 code
    .word task_state_end - task_state - 1
    .word MONITOR_DATA & 0xffff
    .byte MONITOR_DATA >> 16
    .byte 0x89                      # an available 64-bit task state
    .byte 0, MONITOR_DATA >> 24
    .quad 0
descriptor_table_end:

descriptor_table_pointer:
    .word descriptor_table_end - descriptor_table - 1
    .quad descriptor_table

interrupt_table_pointer:
    .word interrupt_table_end - interrupt_table - 1
    .quad interrupt_table

no_table_pointer:
    .word 0
    .quad 0

# An interrupt gate, on the stack that it finds or on that of the task state.
.macro gate target
    .word (\target - monitor_start) + (MONITOR & 0xffff)
    .word KERNEL_CODE
    .byte 0, 0x8e
    .word MONITOR >> 16
    .quad 0
.endm

.balign 16
interrupt_table:
.irp vector, 0,1,2,3,4,5,6,7,8,9,10,11,12
    gate vector_\vector
.endr
    gate general_protection
.irp vector, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    gate vector_\vector
.endr
.rept 16                            # 32 devices, 33 timer, 47 spurious
    gate interrupt
.endr
interrupt_table_end:

# What changes has a page of its own.
.section .monitor.data, "aw", @progbits
monitor_data:

# The task state (Intel SDM vol. 3 §8.7): ring 0's stack, and which ports ring 3 may use.
task_state:
    .long 0
    .quad monitor_stack_top
    .fill 90, 1, 0
    .word BOOT_PORTS                # at offset 102

    # Before sealing: all, up to PORTS.
    .fill PORTS / 8, 1, 0
    .byte 0xff

    # After: console, exit and reset only, and what switches the machine off, which ring 3 adds before.
.globl sealed_ports
sealed_ports:
    .fill 0x60 / 8, 1, 0xff
    .byte 0b11101111                # 0x64: the keyboard controller's reset line
    .fill 0xf0 / 8 - 0x68 / 8, 1, 0xff
    .byte 0b11101111                # 0xf4: isa-debug-exit
    .fill 0x3f8 / 8 - 0xf8 / 8, 1, 0xff
    .byte 0                         # 0x3f8: the serial port
    .fill PORTS / 8 - 0x400 / 8, 1, 0xff
    .byte 0xff
task_state_end:

.balign 4
sealed_cr4:
    .long 0
sealed:
    .byte 0
faulted:
    .byte 0
.globl timer_is_deadline
timer_is_deadline:                  # set by ring 3 before it seals
    .byte 0

.balign 16
    .fill 512, 1, 0
monitor_stack_top:

#---------- Ring 3's side ------------------------------------------------------------------------------------------------

.section .text.monitor_call, "ax", @progbits
.globl monitor_call
monitor_call:
    hlt
    ret
.globl monitor_sleep
monitor_sleep:
    hlt
    ret

# Until ring 3 has made its own: the first and the fourth GiB, one to one, everything allowed. Ring 3 may add to it
# (kernel/src/hardware/boot_map.rs).
.section .boot, "aw", @progbits
.balign 4096
.globl boot_page_map
boot_page_map:
    .quad boot_page_pointers + 7
    .fill 511, 8, 0
.globl boot_page_pointers
boot_page_pointers:
    .quad boot_page_directory + 7
    .quad 0
    .quad 0
    .quad boot_device_directory + 7
    .fill 508, 8, 0
boot_page_directory:
    .set address, 0
.rept 512
    .quad address + 0x87
    .set address, address + 0x200000
.endr
boot_device_directory:
    .set address, 0xc0000000
.rept 512
    .quad address + 0x9f            # not cached
    .set address, address + 0x200000
.endr

# What the processor and the hypervisor write and ring 3 reads.
.section .bss.monitor, "aw", @nobits
.balign 64
.globl fault_registers
fault_registers:
    .fill 168, 1, 0
.balign 64
.globl system_time
system_time:
    .fill 32, 1, 0
.globl wall_clock
wall_clock:
    .fill 16, 1, 0
.globl entry_time
entry_time:
    .quad 0

# XEN_ELFNOTE_PHYS32_ENTRY: where to enter (8 octets: QEMU reads a size_t, others the first four).
.section .note.pvh, "a", @note
.balign 4
    .long 4
    .long 8
    .long 18
    .asciz "Xen"
    .quad pvh_entry

# Where the archive lies in memory, filled in when one is appended to the image: physical address, length.
.section .note.isopod, "a", @note
.balign 4
    .long 7
    .long 16
    .long 1
    .asciz "Isopod"
    .balign 4
.globl appended_archive
appended_archive:
    .quad 0
    .quad 0
