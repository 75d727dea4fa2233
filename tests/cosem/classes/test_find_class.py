"""The classes that are built, against our table of class, attribute and method numbers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addad import obis
from addad.cosem.classes import (
    CLASSES,
    AssociationLNV3,
    ProfileGenericV0,
    PushSetupV2,
    Register,
    find_class,
)
from addad.dlms.types import DataType
from cosem.classes.any_value import values_of

# class and version: attributes from number 2 on, methods from number 1 on, in order of number
NUMBERED: dict[tuple[int, int], tuple[str, str]] = {
    (1, 0): (
        "value",
        "",
    ),
    (3, 0): (
        "value scaler_unit",
        "reset",
    ),
    (4, 0): (
        "value scaler_unit status capture_time",
        "reset",
    ),
    (5, 0): (
        (
            "current_average_value last_average_value scaler_unit status capture_time "
            "start_time_current period number_of_periods"
        ),
        "reset next_period",
    ),
    (6, 0): (
        "register_assignment mask_list active_mask",
        "add_register add_mask delete_mask",
    ),
    (7, 0): (
        (
            "buffer capture_objects capture_period sort_method sort_object entries_in_use "
            "profile_entries"
        ),
        "reset capture",
    ),
    (7, 1): (
        (
            "buffer capture_objects capture_period sort_method sort_object entries_in_use "
            "profile_entries"
        ),
        "reset capture",
    ),
    (8, 0): (
        (
            "time time_zone status daylight_savings_begin daylight_savings_end "
            "daylight_savings_deviation daylight_savings_enabled clock_base"
        ),
        (
            "adjust_to_quarter adjust_to_measuring_period adjust_to_minute adjust_to_preset_time "
            "preset_adjusting_time shift_time"
        ),
    ),
    (9, 0): (
        "scripts",
        "execute",
    ),
    (11, 0): (
        "entries",
        "insert delete",
    ),
    (15, 0): (
        (
            "object_list associated_partners_id application_context_name xdlms_context_info "
            "authentication_mechanism_name secret association_status"
        ),
        "reply_to_hls_authentication change_hls_secret add_object remove_object",
    ),
    (15, 1): (
        (
            "object_list associated_partners_id application_context_name xdlms_context_info "
            "authentication_mechanism_name secret association_status security_setup_reference"
        ),
        "reply_to_hls_authentication change_hls_secret add_object remove_object",
    ),
    (15, 2): (
        (
            "object_list associated_partners_id application_context_name xdlms_context_info "
            "authentication_mechanism_name secret association_status security_setup_reference "
            "user_list current_user"
        ),
        (
            "reply_to_hls_authentication change_hls_secret add_object remove_object add_user "
            "remove_user"
        ),
    ),
    (15, 3): (
        (
            "object_list associated_partners_id application_context_name xdlms_context_info "
            "authentication_mechanism_name secret association_status security_setup_reference "
            "user_list current_user"
        ),
        (
            "reply_to_hls_authentication change_hls_secret add_object remove_object add_user "
            "remove_user"
        ),
    ),
    (17, 0): (
        "sap_assignment_list",
        "connect_logical_device",
    ),
    (18, 0): (
        (
            "image_block_size image_transferred_blocks_status "
            "image_first_not_transferred_block_number image_transfer_enabled image_transfer_status "
            "image_to_activate_info"
        ),
        "image_transfer_initiate image_block_transfer image_verify image_activate",
    ),
    (19, 0): (
        "default_mode default_baud prop_baud response_time device_addr pass_p1 pass_p2 pass_w5",
        "",
    ),
    (19, 1): (
        "default_mode default_baud prop_baud response_time device_addr pass_p1 pass_p2 pass_w5",
        "",
    ),
    (20, 0): (
        (
            "calendar_name_active season_profile_active week_profile_table_active "
            "day_profile_table_active calendar_name_passive season_profile_passive "
            "week_profile_table_passive day_profile_table_passive activate_passive_calendar_time"
        ),
        "activate_passive_calendar",
    ),
    (21, 0): (
        "thresholds monitored_value actions",
        "",
    ),
    (22, 0): (
        "executed_script type execution_time",
        "",
    ),
    (23, 0): (
        (
            "comm_speed window_size_transmit window_size_receive max_info_field_length_transmit "
            "max_info_field_length_receive inter_octet_time_out inactivity_time_out device_address"
        ),
        "",
    ),
    (23, 1): (
        (
            "comm_speed window_size_transmit window_size_receive max_info_field_length_transmit "
            "max_info_field_length_receive inter_octet_time_out inactivity_time_out device_address"
        ),
        "",
    ),
    (28, 0): (
        "mode listening_window status number_of_calls number_of_rings",
        "",
    ),
    (28, 2): (
        "mode listening_window status number_of_calls number_of_rings list_of_allowed_callers",
        "",
    ),
    (29, 0): (
        "mode repetitions repetition_delay calling_window destination_list",
        "",
    ),
    (29, 1): (
        "mode repetitions repetition_delay calling_window destination_list",
        "connect",
    ),
    (29, 2): (
        "mode repetitions repetition_delay calling_window destination_list",
        "connect",
    ),
    (30, 0): (
        (
            "protection_buffer protection_object_list protection_parameters_get "
            "protection_parameters_set required_protection"
        ),
        "get_protected_attributes set_protected_attributes invoke_protected_method",
    ),
    (40, 0): (
        (
            "push_object_list send_destination_and_method communication_window "
            "randomisation_start_interval number_of_retries repetition_delay"
        ),
        "push",
    ),
    (40, 1): (
        (
            "push_object_list send_destination_and_method communication_window "
            "randomisation_start_interval number_of_retries repetition_delay port_reference "
            "push_client_sap push_protection_parameters"
        ),
        "push",
    ),
    (40, 2): (
        (
            "push_object_list send_destination_and_method communication_window "
            "randomisation_start_interval number_of_retries repetition_delay port_reference "
            "push_client_sap push_protection_parameters push_operation_method "
            "confirmation_parameters last_confirmation_date_time"
        ),
        "push reset",
    ),
    (40, 3): (
        (
            "push_object_list send_destination_and_method communication_window "
            "randomisation_start_interval number_of_retries repetition_delay port_reference "
            "push_client_sap push_protection_parameters push_operation_method "
            "confirmation_parameters last_confirmation_date_time"
        ),
        "push reset",
    ),
    (41, 0): (
        "tcp_udp_port ip_reference mss nb_of_sim_conn inactivity_time_out",
        "",
    ),
    (42, 0): (
        (
            "dl_reference ip_address multicast_ip_address ip_options subnet_mask "
            "gateway_ip_address use_dhcp_flag primary_dns_address secondary_dns_address"
        ),
        "add_mc_ip_address delete_mc_ip_address get_nbof_mc_ip_addresses",
    ),
    (43, 0): (
        "mac_address",
        "",
    ),
    (45, 0): (
        "apn pin_code quality_of_service",
        "",
    ),
    (47, 0): (
        "operator status cs_attachment ps_status cell_info adjacent_cells capture_time",
        "",
    ),
    (47, 1): (
        "operator status cs_attachment ps_status cell_info adjacent_cells capture_time",
        "",
    ),
    (47, 2): (
        "operator status cs_attachment ps_status cell_info adjacent_cells capture_time",
        "",
    ),
    (48, 0): (
        (
            "dl_reference address_config_mode unicast_ipv6_addresses multicast_ipv6_addresses "
            "gateway_ipv6_addresses primary_dns_address secondary_dns_address traffic_class "
            "neighbor_discovery_setup"
        ),
        "add_ipv6_address remove_ipv6_address",
    ),
    (61, 0): (
        "table_cell_values table_cell_definition scaler_unit",
        "reset capture",
    ),
    (62, 0): (
        "compact_buffer capture_objects template_id template_description capture_method",
        "reset capture",
    ),
    (62, 1): (
        "compact_buffer capture_objects template_id template_description capture_method",
        "reset capture",
    ),
    (63, 0): (
        "status_word mapping_table",
        "",
    ),
    (64, 0): (
        "security_policy security_suite client_system_title server_system_title",
        "security_activate key_transfer",
    ),
    (64, 1): (
        "security_policy security_suite client_system_title server_system_title certificates",
        (
            "security_activate key_transfer key_agreement generate_key_pair "
            "generate_certificate_request import_certificate export_certificate remove_certificate"
        ),
    ),
    (65, 0): (
        "changed_parameter capture_time parameter_list",
        "add_parameter delete_parameter",
    ),
    (65, 1): (
        (
            "changed_parameter capture_time parameter_list parameter_list_name hash_algorithm_id "
            "parameter_value_digest parameter_values"
        ),
        "add_parameter delete_parameter",
    ),
    (67, 0): (
        (
            "serial_number metrological_identification output_type adjustment_method "
            "sealing_method raw_value scaler_unit status capture_time raw_value_thresholds "
            "raw_value_actions processed_value processed_value_thresholds processed_value_actions"
        ),
        "reset",
    ),
    (68, 0): (
        "actions permissions_table weightings_table most_recent_requests_table last_outcome",
        "request_action reset",
    ),
    (70, 0): (
        "output_state control_state control_mode",
        "remote_disconnect remote_reconnect",
    ),
    (71, 0): (
        (
            "monitored_value threshold_active threshold_normal threshold_emergency "
            "min_over_threshold_duration min_under_threshold_duration emergency_profile "
            "emergency_profile_group_id_list emergency_profile_active actions"
        ),
        "",
    ),
    (111, 0): (
        (
            "account_mode_and_status current_credit_in_use current_credit_status available_credit "
            "amount_to_clear clearance_threshold aggregated_debt credit_reference_list "
            "charge_reference_list credit_charge_configuration token_gateway_configuration "
            "account_activation_time account_closure_time currency low_credit_threshold "
            "next_credit_available_threshold max_provision max_provision_period"
        ),
        "activate_account close_account reset_account",
    ),
    (112, 0): (
        (
            "current_credit_amount credit_type priority warning_threshold limit "
            "credit_configuration credit_status preset_credit_amount "
            "credit_available_threshold period"
        ),
        "update_amount set_amount_to_value invoke_credit",
    ),
    (113, 0): (
        (
            "total_amount_paid charge_type priority unit_charge_active unit_charge_passive "
            "unit_charge_activation_time period charge_configuration last_collection_time "
            "last_collection_amount total_amount_remaining proportion"
        ),
        (
            "update_unit_charge activate_passive_unit_charge collect update_total_amount_remaining "
            "set_total_amount_remaining"
        ),
    ),
    (115, 0): (
        "token token_time token_description token_delivery_method token_status",
        "enter",
    ),
}


@pytest.mark.parametrize("key", sorted(NUMBERED))
def test_numbers_and_names(key: tuple[int, int]) -> None:
    attributes, methods = NUMBERED[key]
    known = CLASSES[key]
    assert (known.class_id, known.version) == key
    named = ["logical_name", *attributes.split()]
    assert [(i, a.name) for i, a in known.attributes.items()] == list(enumerate(named, 1))
    named = methods.split()
    assert [(i, m.name) for i, m in known.methods.items()] == list(enumerate(named, 1))


@pytest.mark.parametrize("key", sorted(NUMBERED))
def test_each_constant_knows_its_class(key: tuple[int, int]) -> None:
    known = CLASSES[key]
    for attribute in known.attributes.values():
        assert attribute.owner is known
        assert getattr(known, attribute.name) is attribute
    for method in known.methods.values():
        assert method.owner is known
        assert getattr(known, method.name) is method
        assert method.of(obis.CLOCK).class_id == known.class_id


def test_nothing_is_built_that_the_table_has_not() -> None:
    assert set(CLASSES) == set(NUMBERED)


def test_an_unbuilt_version_is_read_as_the_nearest_one() -> None:
    assert find_class(15, 9) is AssociationLNV3
    assert find_class(28, 1) in (CLASSES[28, 0], CLASSES[28, 2])
    assert find_class(40, 2) is PushSetupV2
    assert find_class(7, 0) is ProfileGenericV0
    assert find_class(70, 1) is CLASSES[70, 0]
    assert find_class(3, 0) is Register
    assert find_class(9999, 0) is None


def types_of(key: tuple[int, int]) -> list[DataType[object]]:
    known = CLASSES[key]
    methods = known.methods.values()
    kinds = [a.type for a in known.attributes.values()] + [m.parameter for m in methods]
    return kinds + [m.result for m in methods if m.result is not None]


@pytest.mark.parametrize("key", sorted(NUMBERED))
@settings(max_examples=25)
@given(data=st.data())
def test_every_type_returns_what_it_wrote(key: tuple[int, int], data: st.DataObject) -> None:
    for kind in types_of(key):
        value = data.draw(values_of(kind))
        assert kind.decode(kind.encode(value)) == value
